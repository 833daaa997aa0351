"""The exercise's run on PyTorch: the notebook's loop for one network, and many networks at once."""

import os
import sys
import tempfile
import time

import numpy as np
import torch
from torch import nn

from measure import INPUTS, LR, MOMENTUM, SHAPES, STEPS, TARGETS, measure, options, report

X = torch.tensor(INPUTS)
Y = torch.tensor(TARGETS)


def network():
    layers = []
    for out_features, in_features in SHAPES:
        layers += [nn.Linear(in_features, out_features, bias=False), nn.Tanh()]
    model = nn.Sequential(*layers[:-1])  # nothing after the last layer
    for weight in model.parameters():
        nn.init.normal_(weight)
    return model


def train_one(seed, epochs):
    """The loop as a beginner's notebook has it."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    model = network()
    criterion = nn.L1Loss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
    for _ in range(epochs):
        for _ in range(STEPS):
            i = np.random.randint(len(X))
            loss = criterion(model(X[i]), Y[i : i + 1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def forward(weights, h):
    """Weights [out, in, networks], inputs [in, networks]: with the networks last, each operation runs along memory."""
    for layer, w in enumerate(weights):
        h = (w * h).sum(1)
        if layer + 1 < len(weights):
            h = h.tanh()
    return h[0]


def epoch(weights, velocities, samples):
    """One epoch of all networks; samples [steps, networks]. The losses are summed: no network sees another's."""
    for i in samples:
        grads = torch.func.grad(lambda w: (forward(w, X.T[:, i]) - Y[i]).abs().sum())(weights)
        velocities = [MOMENTUM * v + g for v, g in zip(velocities, grads)]
        weights = [w - LR * v for w, v in zip(weights, velocities)]
    return weights, velocities


def train_many(seed, networks, epochs, epoch):
    torch.manual_seed(seed)
    weights = [torch.randn(*shape, networks) for shape in SHAPES]
    velocities = [torch.zeros_like(w) for w in weights]
    for _ in range(epochs):
        weights, velocities = epoch(weights, velocities, torch.randint(len(X), (STEPS, networks)))
    return weights


def outputs_of_one(model):
    with torch.no_grad():
        return [model(X).flatten().tolist()]


def outputs_of_many(weights):
    return torch.stack([forward(weights, x[:, None]) for x in X], dim=1).tolist()


def main():
    args = options(__doc__)
    torch.set_num_threads(1)
    train_one(0, epochs=1)  # PyTorch loads parts of itself at first use

    def one(seed):
        return train_one(seed, args.epochs)

    def many(what, networks, epoch, compile_seconds=None):
        def train(seed):
            return train_many(seed, networks, args.epochs, epoch)

        return measure(f"many runs, by hand, {what}", networks, train, outputs_of_many, args, compile_seconds)

    measurements = [
        measure("one run, the notebook's loop", 1, one, outputs_of_one, args),
        many("eager", args.networks or 8192, epoch),
    ]
    networks = args.networks or 2048
    compiled = torch.compile(epoch)
    start = time.perf_counter()
    try:
        train_many(0, networks, 1, compiled)
    except Exception as error:  # torch.compile needs a C++ compiler, and does not know every machine
        print(f"pytorch.py: torch.compile does not work here: {error}", file=sys.stderr)
    else:
        measurements.append(many("torch.compile", networks, compiled, time.perf_counter() - start))
    report({"torch": torch.__version__, "numpy": np.__version__}, measurements)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache  # an empty one: else compiling is timed once and then skipped
        main()
