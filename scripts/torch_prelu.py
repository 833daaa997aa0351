"""Prints crates/neuronlab/tests/golden/torch_prelu.json: trainings of networks with PReLU of PyTorch, and one batch's
gradients.

    python3 scripts/torch_prelu.py > crates/neuronlab/tests/golden/torch_prelu.json
"""

import json

import torch
from torch import nn

torch.set_num_threads(1)

DTYPES = {"float32": torch.float32, "float64": torch.float64}
X = [[0.5, -1.0], [-0.25, 0.75], [1.5, 0.5], [-1.0, -1.25], [0.75, 2.0]]
Y = [[1.0], [-0.5], [0.25], [0.75], [-1.0]]
STEPS = 60
# One slope for a layer, one for each neuron, and one behind a batch normalisation.
NETWORKS = {
    "one": lambda: [nn.Linear(2, 4), nn.PReLU(), nn.Linear(4, 3), nn.PReLU(1, 0.5), nn.Linear(3, 1)],
    "each": lambda: [nn.Linear(2, 4), nn.PReLU(4), nn.Linear(4, 3, bias=False), nn.PReLU(3, -0.1), nn.Linear(3, 1)],
    "normalised": lambda: [nn.Linear(2, 4), nn.BatchNorm1d(4), nn.PReLU(4), nn.Linear(4, 1), nn.PReLU()],
}
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02, weight_decay=0.01),
}


def hexes(tensors):
    return [float(v).hex() for t in tensors for v in t.detach().flatten().tolist()]


def training(layers, dtype, optimizer, alone):
    """All samples in every step, or one after the other. Losses of every step, the parameters at the end, the first gradients."""
    torch.manual_seed(3)
    torch.set_default_dtype(dtype)
    model = nn.Sequential(*layers())
    x, y, loss = torch.tensor(X), torch.tensor(Y), nn.MSELoss()
    start, rule = hexes(model.parameters()), optimizer(model.parameters())
    losses, gradients = [], None
    for step in range(STEPS):
        rows = slice(step % len(X), step % len(X) + 1) if alone else slice(None)
        value = loss(model(x[rows]), y[rows])
        rule.zero_grad()
        value.backward()
        gradients = gradients or hexes(p.grad for p in model.parameters())
        rule.step()
        losses.append(value.item().hex())
    torch.set_default_dtype(torch.float32)
    return {"start": start, "gradients": gradients, "losses": losses, "end": hexes(model.parameters())}


cases = [
    {"network": network, "dtype": dtype, "optimizer": optimizer, "alone": alone,
     **training(NETWORKS[network], DTYPES[dtype], OPTIMIZERS[optimizer], alone)}
    for network in NETWORKS for dtype in DTYPES for optimizer in OPTIMIZERS for alone in (False, True)
    if not (alone and network == "normalised")
]
print(json.dumps({"source": "scripts/torch_prelu.py", "torch": torch.__version__, "x": X, "y": Y, "cases": cases}))
