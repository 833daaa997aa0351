"""Prints crates/neuronlab/tests/golden/torch_dropout.json: trainings of networks with dropout of PyTorch. Start weights, order
of samples and masks come from the one global generator.

    python3 scripts/torch_dropout.py > crates/neuronlab/tests/golden/torch_dropout.json
"""

import json

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

torch.set_num_threads(1)

DTYPES = {"float32": torch.float32, "float64": torch.float64}
X = [[0.5, -1.0], [-0.25, 0.75], [1.5, 0.5], [-1.0, -1.25], [0.75, 2.0], [-1.75, 0.25], [0.125, -0.5]]
Y = [[1.0], [-0.5], [0.25], [0.75], [-1.0], [0.5], [-0.25]]
EPOCHS = 12
BATCHES = ("full", "shuffle", "in_order", "with_replacement")


def network(name, p):
    """Dropout behind both hidden layers; and behind a layer without activation, and one that is normalised."""
    if name == "plain":
        return nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Dropout(p), nn.Linear(6, 5), nn.ReLU(), nn.Dropout(p), nn.Linear(5, 1))
    return nn.Sequential(nn.Linear(2, 4), nn.Dropout(p), nn.Linear(4, 6), nn.BatchNorm1d(6), nn.PReLU(6), nn.Dropout(p / 2),
                         nn.Linear(6, 1))


def batches(name):
    """The samples of each step of an epoch, while the steps are made: three at a time, where it is not all."""
    if name == "full":
        yield slice(None)
    elif name == "with_replacement":
        for _ in range(2):
            yield np.random.randint(len(X), size=3)
    else:
        yield from DataLoader(range(len(X) - 1), batch_size=3, shuffle=name == "shuffle")


def training(name, p, dtype, batch):
    torch.manual_seed(5)
    np.random.seed(6)
    torch.set_default_dtype(dtype)
    model = network(name, p)
    x, y, loss = torch.tensor(X), torch.tensor(Y), nn.MSELoss()
    if batch in ("shuffle", "in_order"):
        x, y = x[:-1], y[:-1]
    start, rule = hexes(model.parameters()), torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(EPOCHS):
        for rows in batches(batch):
            value = loss(model(x[rows]), y[rows])
            rule.zero_grad()
            value.backward()
            rule.step()
            losses.append(value.item().hex())
    model.eval()
    after = loss(model(x), y).item().hex()
    torch.set_default_dtype(torch.float32)
    return {"start": start, "losses": losses, "end": hexes(model.parameters()), "after": after}


def hexes(tensors):
    return [float(v).hex() for t in tensors for v in t.detach().flatten().tolist()]


def masks():
    """What dropout makes of ones: of few and of many elements, and the numbers that the stream gives after it."""
    out = []
    for dtype in DTYPES:
        for p in (0.0, 0.1, 0.3, 0.5, 0.77, 1.0):
            torch.manual_seed(7)
            ones = torch.ones((5, 7), dtype=DTYPES[dtype])
            mask = nn.Dropout(p)(ones)
            out.append({"dtype": dtype, "p": p, "mask": hexes([mask]), "next": torch.rand(2, dtype=torch.float64).tolist()})
    return out


cases = [
    {"network": name, "p": p, "dtype": dtype, "batch": batch, **training(name, p, DTYPES[dtype], batch)}
    for name in ("plain", "normalised") for p in (0.2, 0.5) for dtype in DTYPES for batch in BATCHES
    if not (batch == "with_replacement" and name == "normalised")
]
print(json.dumps({"source": "scripts/torch_dropout.py", "torch": torch.__version__, "numpy": np.__version__, "x": X, "y": Y,
                  "masks": masks(), "cases": cases}))
