"""The parts of `torch_differential.py`, each of which imports only those named before it: methods, cases, runs, compare."""
