"""Prints crates/neuronlab/tests/golden/torch_gradients.json: parameter gradients, draws and schedules
of PyTorch.

    python3 scripts/torch_gradients.py > crates/neuronlab/tests/golden/torch_gradients.json
"""

import json

import torch
from torch import nn

torch.set_num_threads(1)


def hexes(tensors):
    return [float(v).hex() for t in tensors for v in t.detach().flatten().tolist()]


def network(sizes, bias, activation, loss, rows, seed):
    """Gradients of one batch in float64, weights and data drawn from PyTorch's stream."""
    torch.manual_seed(seed)
    torch.set_default_dtype(torch.float64)
    layers = []
    for i, o in zip(sizes, sizes[1:]):
        layers += [nn.Linear(i, o, bias=bias), activation()]
    model = nn.Sequential(*layers[:-1])
    x = torch.rand(rows, sizes[0]) * 2 - 1
    if isinstance(loss, nn.CrossEntropyLoss):
        y = torch.arange(rows) % sizes[-1]
    else:
        y = torch.rand(rows, sizes[-1])
    value = loss(model(x), y)
    value.backward()
    torch.set_default_dtype(torch.float32)
    return {
        "sizes": sizes, "bias": bias, "activation": activation.__name__, "loss": type(loss).__name__,
        "parameters": hexes(model.parameters()), "x": hexes([x]), "y": hexes([y]) if y.is_floating_point() else y.tolist(),
        "loss_value": float(value.detach()).hex(), "gradients": hexes(p.grad for p in model.parameters()),
    }


def draws():
    """float64 draws whose bounds, means and deviations are not 0 and 1: PyTorch fuses the last step."""
    out = {}
    for count in (10, 64):
        torch.manual_seed(7)
        out[f"normal_(0.1,0.3) {count}"] = hexes([torch.empty(count, dtype=torch.float64).normal_(0.1, 0.3)])
        torch.manual_seed(7)
        out[f"uniform_(-0.7,0.3) {count}"] = hexes([torch.empty(count, dtype=torch.float64).uniform_(-0.7, 0.3)])
    return out


def batch_norm():
    """Two batches in training mode, then evaluation mode, in float64."""
    torch.manual_seed(11)
    torch.set_default_dtype(torch.float64)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([1.5, -0.5, 0.8]))
        model[1].bias.copy_(torch.tensor([0.1, 0.2, -0.3]))
    parameters = hexes(model.parameters())
    x = torch.rand(10, 2) * 2 - 1
    y = torch.rand(5, 1)
    model(x[:5])
    value = nn.MSELoss()(model(x[5:]), y)
    value.backward()
    out = {
        "parameters": parameters, "x": hexes([x]), "y": hexes([y]), "loss_value": float(value.detach()).hex(),
        "gradients": hexes(p.grad for p in model.parameters()),
        "running_mean": hexes([model[1].running_mean]), "running_var": hexes([model[1].running_var]),
    }
    model.eval()
    out["evaluation"] = hexes([model(x[:5])])
    torch.set_default_dtype(torch.float32)
    return out


def orthogonal(rows, columns, gain=1, dtype=torch.float32):
    """After `torch.manual_seed(7)`. float32 up to 20 is that of a processor with AVX-512; others give other last bits."""
    torch.manual_seed(7)
    tensor = nn.init.orthogonal_(torch.empty(rows, columns, dtype=dtype), gain)
    return {"shape": [rows, columns], "gain": gain, "dtype": str(dtype).removeprefix("torch."), "hex": hexes([tensor])}


# Losses that fall, and ones that rise from below 0 to above; both with pauses and setbacks.
FALLING = [1.0, 0.9, 0.8, 0.8, 0.81, 0.79, 0.79, 0.79, 0.79, 0.79, 0.5, 0.5, 0.5, 0.51, 0.5, 0.49999, 0.5, 0.6, 0.4, 0.4, 0.4,
           0.41, 0.42, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
RISING = [0.6 - loss for loss in FALLING]


def schedule(make, losses=None):
    """Learning rate and momentum of 30 steps."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    out = {"lr": [], "momentum": []}
    if losses:
        out["metrics"] = losses
    for t in range(30):
        out["lr"].append(float(optimizer.param_groups[0]["lr"]))
        out["momentum"].append(float(optimizer.param_groups[0]["momentum"]))
        optimizer.step()
        if losses:
            scheduler.step(losses[t])
        else:
            scheduler.step()
    return out


def plateau(losses, **settings):
    return schedule(lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, **settings), losses)


print(json.dumps({
    "source": f"scripts/torch_gradients.py, PyTorch {torch.__version__}",
    "networks": [
        network([2, 4, 4, 4, 1], False, nn.Tanh, nn.L1Loss(), 1, 2),
        network([3, 5, 2], True, nn.Sigmoid, nn.MSELoss(), 4, 3),
        network([2, 6, 6, 3], True, nn.ReLU, nn.CrossEntropyLoss(), 7, 4),
        network([4, 3, 3, 2], True, nn.GELU, nn.SmoothL1Loss(), 5, 5),
    ],
    "batch_norm": batch_norm(),
    "float64": draws(),
    "orthogonal": [
        orthogonal(1, 1), orthogonal(2, 2), orthogonal(3, 3), orthogonal(5, 3, 5 / 3), orthogonal(8, 8), orthogonal(10, 20),
        orthogonal(20, 10), orthogonal(24, 4, 0.5), orthogonal(6, 4, 2, torch.float64),
    ],
    "schedules": {
        "CyclicLR/exp_range": schedule(lambda o: torch.optim.lr_scheduler.CyclicLR(
            o, 0.001, 0.1, step_size_up=4, step_size_down=6, mode="exp_range", gamma=0.97,
            base_momentum=0.8, max_momentum=0.95)),
        "OneCycleLR/three_phase": schedule(lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, 0.1, total_steps=31, three_phase=True)),
        "ReduceLROnPlateau/max_abs": plateau(
            FALLING, mode="max", factor=0.3, patience=1, threshold=0.05, threshold_mode="abs"),
        "ReduceLROnPlateau/max_abs, rising": plateau(
            RISING, mode="max", factor=0.3, patience=1, threshold=0.05, threshold_mode="abs"),
        "ReduceLROnPlateau/max_rel": plateau(
            RISING, mode="max", factor=0.5, patience=2, threshold=0.1, cooldown=1, min_lr=0.001),
        "ReduceLROnPlateau/min_abs": plateau(
            FALLING, factor=0.3, patience=1, threshold=0.05, threshold_mode="abs"),
    },
}, indent=0))
