"""What the tests have in common."""

from __future__ import annotations

import pytest

import neuronlab as nl


@pytest.fixture(autouse=True)
def _stream() -> None:
    """Each test begins with the same stream of random numbers."""
    nl.manual_seed(0)


@pytest.fixture(scope="session")
def xor_run() -> nl.Run:
    """The exercise's run, trained once."""
    return nl.Experiment("xor").train(progress=False)
