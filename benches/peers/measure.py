"""What pytorch.py and jax_.py share: the task, the options, the clock and the check."""

import argparse
import json
import statistics
import time

EPOCHS, STEPS = 2001, 4
LR, MOMENTUM = 0.02, 0.9
SHAPES = [(4, 2), (4, 4), (4, 4), (1, 4)]  # of the weights, [out, in]
INPUTS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = [0.0, 1.0, 1.0, 0.0]


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeats", type=positive, default=5, metavar="K",
                        help="times to measure each thing [default: 5]")
    parser.add_argument("--epochs", type=positive, default=EPOCHS, metavar="E",
                        help="epochs to train; times are scaled to 2001 and marked as extrapolated [default: 2001]")
    parser.add_argument("--networks", type=positive, metavar="N",
                        help="networks trained at once [default: as many as were fastest]")
    return parser.parse_args()


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def measure(what, networks, train, outputs, args, compile_seconds=None):
    """Times train(seed); outputs(of what it returned) gives four outputs for each network."""
    seconds, rows = [], []
    for seed in range(args.repeats):
        start = time.perf_counter()
        trained = train(seed)
        seconds.append((time.perf_counter() - start) / networks * EPOCHS / args.epochs)
        rows += outputs(trained)
    return {
        "what": what,
        "networks": networks,
        "runs_per_second": 1 / statistics.median(seconds),
        "seconds_per_run": {"median": statistics.median(seconds), "best": min(seconds), "worst": max(seconds)},
        "repeats": args.repeats,
        "compile_seconds": compile_seconds,
        "epochs": args.epochs,
        "extrapolated": args.epochs != EPOCHS,
        **check(rows),
    }


def check(rows):
    """Whether the networks learned: share of them right about all four samples, and their median error."""
    right = [all((y > 0.5) == (t > 0.5) for y, t in zip(row, TARGETS)) for row in rows]
    errors = [statistics.mean(abs(y - t) for y, t in zip(row, TARGETS)) for row in rows]
    return {"right": sum(right) / len(right), "mean_abs_error": statistics.median(errors)}


def report(versions, measurements):
    print(json.dumps({"versions": versions, "measurements": measurements}))
