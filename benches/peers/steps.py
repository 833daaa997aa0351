"""What pytorch_steps.py and jax_steps.py share: the grid of wide networks, the data, the clock.

The task is that of `neuronlab bench --width W --batch B`: two half circles of 500 points each, a network 2-W-W-2 with
biases and tanh, cross-entropy of two classes, shuffled batches, SGD with PyTorch's momentum of 0.9 or Adam, float32.
"""

import argparse
import json
import statistics
import time

import numpy as np

SAMPLES = 1000
WIDTHS = [8, 32, 64, 128, 256, 512]
BATCHES = [1, 32, 256, SAMPLES]
LR, MOMENTUM = 0.001, 0.9


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--widths", type=numbers, default=WIDTHS, metavar="W,...")
    parser.add_argument("--batches", type=numbers, default=BATCHES, metavar="B,...")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--seconds", type=float, default=0.3, metavar="S", help="that each time is taken over [default: 0.3]")
    return parser.parse_args()


def numbers(text):
    return [int(number) for number in text.split(",")]


def moons():
    """Inputs [1000, 2] and classes [1000], as scikit-learn's make_moons has them, with noise."""
    t = np.linspace(0, np.pi, SAMPLES // 2)
    upper = np.stack([np.cos(t), np.sin(t)], 1)
    lower = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    noise = np.random.default_rng(0).normal(0, 0.15, (SAMPLES, 2))
    x = np.concatenate([upper, lower]) + noise
    return x.astype(np.float32), np.repeat([0, 1], SAMPLES // 2)


def batches(rng, batch):
    """Shuffled batches without end."""
    while True:
        order = rng.permutation(SAMPLES)
        for start in range(0, SAMPLES, batch):
            yield order[start : start + batch]


def time_steps(step, seconds, at_a_time=1):
    """Seconds of a step: median, best and worst of five times; step() does `at_a_time` steps."""
    step()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds / 2 or count < 2:
        step()
        count += 1
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            step()
        times.append((time.perf_counter() - start) / count / at_a_time)
    return {"median": statistics.median(times), "best": min(times), "worst": max(times)}


def report(versions, steps):
    print(json.dumps({"versions": versions, "steps": steps}))
