"""A step of a wide network on PyTorch: the notebook's loop, eager, and with the model compiled."""

import sys
import tempfile
import os

import numpy as np
import torch
from torch import nn

from steps import LR, MOMENTUM, batches, moons, options, report, time_steps


def measure(width, batch, optimizer, model, parameters, args):
    x, y = (torch.from_numpy(array) for array in moons())
    criterion = nn.CrossEntropyLoss()
    if optimizer == "sgd":
        rule = torch.optim.SGD(parameters, lr=LR, momentum=MOMENTUM)
    else:
        rule = torch.optim.Adam(parameters, lr=LR)
    rows = batches(np.random.default_rng(0), batch)

    def step():
        if batch == len(x):
            inputs, targets = x, y
        else:
            i = torch.from_numpy(next(rows))
            inputs, targets = x[i], y[i]
        loss = criterion(model(inputs), targets)
        rule.zero_grad()
        loss.backward()
        rule.step()

    times = time_steps(step, args.seconds)
    return {"width": width, "batch": batch, "optimizer": optimizer, "seconds_per_step": times}


def main():
    args = options(__doc__)
    torch.set_num_threads(args.threads)
    measured = []
    for width in args.widths:
        for batch in args.batches:
            torch.manual_seed(0)
            model = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2))
            kinds = [("eager", model)]
            try:
                compiled = torch.compile(model, dynamic=False)
                compiled(torch.zeros(batch, 2)).sum().backward()
                kinds.append(("torch.compile", compiled))
            except Exception as error:  # needs a C++ compiler, and does not know every machine
                print(f"pytorch_steps.py: torch.compile does not work here: {error}", file=sys.stderr)
            for kind, forward in kinds:
                for optimizer in ["sgd", "adam"]:
                    found = measure(width, batch, optimizer, forward, list(model.parameters()), args)
                    measured.append({"what": kind, "threads": args.threads} | found)
            print(f"pytorch {width} x {batch}", file=sys.stderr, flush=True)
            torch._dynamo.reset()
    report({"torch": torch.__version__}, measured)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
        main()
