"""What pytorch_steps.py and jax_steps.py share: the grid of wide networks, the options, the data, the clock, the check.

The task is that of `neuronlab bench --width W --batch B`: two half circles of 500 points each, a network 2-W-W-2 with
biases and tanh, cross-entropy of two classes, shuffled batches, SGD with PyTorch's momentum of 0.9 or Adam, float32.
"""

import argparse
import json
import math
import statistics
import time

SAMPLES = 1000
WIDTHS = [8, 32, 64, 128, 256, 512]
BATCHES = [1, 32, 256, SAMPLES]
LR, MOMENTUM = 0.001, 0.9


def parser_of(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--widths", type=numbers, default=WIDTHS, metavar="W,...",
                        help="neurons of each of the two hidden layers [default: 8,32,64,128,256,512]")
    parser.add_argument("--batches", type=numbers, default=BATCHES, metavar="B,...",
                        help="samples of a step, at most 1000 [default: 1,32,256,1000]")
    parser.add_argument("--threads", type=positive, default=1, metavar="N", help="threads [default: 1]")
    parser.add_argument("--seconds", type=seconds, default=0.1, metavar="S",
                        help="that each of five times is taken over [default: 0.1]")
    return parser


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def numbers(text):
    return [positive(number) for number in text.split(",")]


def seconds(text):
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError
    return number


def moons(samples=SAMPLES):
    """Inputs [samples, 2] and classes [samples], as scikit-learn's make_moons has them, with noise."""
    import numpy as np  # here, because run-steps does without

    t = np.linspace(0, np.pi, samples // 2)
    upper = np.stack([np.cos(t), np.sin(t)], 1)
    lower = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    noise = np.random.default_rng(0).normal(0, 0.15, (samples, 2))
    x = np.concatenate([upper, lower]) + noise
    return x.astype(np.float32), np.repeat([0, 1], samples // 2)


def batches(batch):
    """The numbers of the samples in shuffled batches, without end; the last one of an epoch may be smaller."""
    import numpy as np

    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(SAMPLES)
        for start in range(0, SAMPLES, batch):
            yield order[start : start + batch]


def measure(step, loss, seconds, at_a_time=1):
    """Seconds of a step: median, best and worst of five times over many; step() makes `at_a_time` steps.

    loss() is the mean loss of all samples, before and after.
    """
    before = loss()
    for _ in range(2):  # compiles
        step()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds or count < 2:
        step()
        count += 1
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            step()
        times.append((time.perf_counter() - start) / count / at_a_time)
    after = loss()
    if not (math.isfinite(after) and after < before):
        raise RuntimeError(f"it does not learn: the loss went from {before} to {after}")
    times = {"median": statistics.median(times), "best": min(times), "worst": max(times)}
    return {"seconds_per_step": times, "loss_before": before, "loss_after": after}


def report(versions, **measured):
    print(json.dumps({"versions": versions} | measured))
