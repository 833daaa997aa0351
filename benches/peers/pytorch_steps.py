"""A step of a wide network on PyTorch: the loop of a notebook, and with the model compiled."""

import copy
import os
import sys
import tempfile

import numpy as np
import torch
from torch import nn

from steps import LR, MOMENTUM, SAMPLES, batches, measure, moons, parser_of, report

X, Y = (torch.from_numpy(array) for array in moons())


def optimizer_of(name, parameters, fused):
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=LR, momentum=MOMENTUM, fused=fused)
    return torch.optim.Adam(parameters, lr=LR, fused=fused)


def measure_network(width, batch, compiled, seconds):
    """With SGD and with Adam; a compiled model gets the fused ones, which are a single call each."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2))
    drawn = copy.deepcopy(model.state_dict())
    criterion = nn.CrossEntropyLoss()

    def loss_of(x, y):
        return criterion(model(x), y)

    if compiled:
        torch._dynamo.reset()
        train_loss_of = torch.compile(loss_of, dynamic=False)
        for rows in {batch, SAMPLES % batch or batch}:  # the last batch of an epoch may be smaller
            train_loss_of(X[:rows], Y[:rows]).backward()
    else:
        train_loss_of = loss_of

    def mean_loss():
        with torch.no_grad():
            return loss_of(X, Y).item()

    for name in ["sgd", "adam"]:
        model.load_state_dict(drawn)
        optimizer = optimizer_of(name, model.parameters(), fused=compiled or None)
        step = step_of(train_loss_of, optimizer, batch)
        yield {"optimizer": name} | measure(step, mean_loss, seconds)


def step_of(loss_of, optimizer, batch):
    """As a notebook has it."""
    rows = batches(batch)

    def step():
        if batch == SAMPLES:
            x, y = X, Y
        else:
            i = torch.from_numpy(next(rows))
            x, y = X[i], Y[i]
        loss = loss_of(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def measure_all(what, compiled, args):
    for width in args.widths:
        for batch in args.batches:
            of = {"what": what, "threads": args.threads, "width": width, "batch": batch}
            for found in measure_network(width, batch, compiled, args.seconds):
                yield of | found
            print(f"{what}: {width} x {batch}", file=sys.stderr, flush=True)


def main():
    args = parser_of(__doc__).parse_args()
    torch.set_num_threads(args.threads)
    steps = list(measure_all("eager", False, args))
    try:
        steps += measure_all("torch.compile, fused optimizer", True, args)
    except Exception as error:  # torch.compile needs a C++ compiler, and does not know every machine
        print(f"pytorch_steps.py: torch.compile does not work here: {error}", file=sys.stderr)
    report({"torch": torch.__version__, "numpy": np.__version__}, steps=steps)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache  # an empty one: what an earlier version compiled is not used
        main()
