"""Prints crates/neuronlab/tests/golden/torch_activations_losses.json: activations with their derivatives, at their kinks
too, losses with their gradients, and a training with L1 and L2 penalties, of PyTorch.

    python3 scripts/torch_activations_losses.py > crates/neuronlab/tests/golden/torch_activations_losses.json
"""

import json

import torch
from torch import nn

torch.set_num_threads(1)

POINTS = [-40.0, -7.0, -3.0, -2.5, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 2.5, 3.0, 6.0, 7.0, 40.0]
ACTIVATIONS = {
    "{ name = 'celu' }": nn.CELU(),
    "{ name = 'celu', alpha = 0.3 }": nn.CELU(0.3),
    "{ name = 'relu6' }": nn.ReLU6(),
    "{ name = 'hardswish' }": nn.Hardswish(),
    "{ name = 'hardsigmoid' }": nn.Hardsigmoid(),
    "{ name = 'tanhshrink' }": nn.Tanhshrink(),
    "{ name = 'softshrink' }": nn.Softshrink(),
    "{ name = 'softshrink', lambd = 0.2 }": nn.Softshrink(0.2),
    "{ name = 'hardshrink' }": nn.Hardshrink(),
    "{ name = 'hardshrink', lambd = 1 }": nn.Hardshrink(1.0),
    "{ name = 'log_sigmoid' }": nn.LogSigmoid(),
}

OUTPUTS = [[0.3, -1.2, 2.0], [1.0, 0.5, -0.7], [-2.5, 0.1, 0.4], [0.9, 3.0, -0.2]]
SIGNS = [[1, -1, 1], [-1, 1, -1], [1, -1, -1], [-1, 1, -1]]
COUNTS = [[0, 1, 2], [5, 3, 0], [0.5, 7, 1], [2, 0, 4]]
SHARES = [[0, 1, 0.25], [0.5, 1, 0], [1, 1, 0.75], [0.1, 0, 1]]
NUMBERS = [[0.5, -1, 1.5], [1, 0.7, -0.7], [0, 0.1, 2], [-0.3, 1, -2]]
DISTRIBUTIONS = [[0.2, 0.3, 0.5], [1, 0, 0], [0.25, 0.25, 0.5], [0, 0.9, 0.1]]
CLASSES = [2, 0, 1, 2]
WITH_IGNORED = [2, -1, 1, -1]
WEIGHT = [0.5, 2.0, 1.25]


def gaussian(var, **settings):
    return lambda reduction, _: lambda o, t: nn.GaussianNLLLoss(reduction=reduction, **settings)(o, t, var)


def of(loss, **settings):
    """A loss by reduction and precision, which its lists have, too."""
    def make(reduction, dtype):
        lists = {key: torch.tensor(v, dtype=dtype) if isinstance(v, list) else v for key, v in settings.items()}
        if isinstance(lists.get("pos_weight"), float):
            lists["pos_weight"] = torch.tensor(lists["pos_weight"], dtype=dtype)
        return loss(reduction=reduction, **lists)
    return make


# Settings as an experiment file has them, PyTorch's loss, what the outputs go through before, and targets.
LOSSES = [
    ("name = 'soft_margin'", of(nn.SoftMarginLoss), None, SIGNS),
    ("name = 'hinge_embedding'", of(nn.HingeEmbeddingLoss), None, SIGNS),
    ("name = 'hinge_embedding', margin = 0.4", of(nn.HingeEmbeddingLoss, margin=0.4), None, SIGNS),
    ("name = 'poisson_nll'", of(nn.PoissonNLLLoss), None, COUNTS),
    ("name = 'poisson_nll', full = true", of(nn.PoissonNLLLoss, full=True), None, COUNTS),
    ("name = 'poisson_nll', log_input = false, eps = 0.01", of(nn.PoissonNLLLoss, log_input=False, eps=0.01), torch.abs,
     COUNTS),
    ("name = 'gaussian_nll'", gaussian(1.0), None, NUMBERS),
    ("name = 'gaussian_nll', var = 0.3, full = true", gaussian(0.3, full=True), None, NUMBERS),
    ("name = 'gaussian_nll', var = 0.3, eps = 0.5", gaussian(0.3, eps=0.5), None, NUMBERS),
    ("name = 'bce', weight = [0.5, 2, 1.25]", of(nn.BCELoss, weight=WEIGHT), torch.sigmoid, SHARES),
    ("name = 'bce_with_logits', weight = [0.5, 2, 1.25]", of(nn.BCEWithLogitsLoss, weight=WEIGHT), None, SHARES),
    ("name = 'bce_with_logits', pos_weight = [3, 0.2, 1]", of(nn.BCEWithLogitsLoss, pos_weight=[3.0, 0.2, 1.0]), None,
     SHARES),
    ("name = 'bce_with_logits', pos_weight = 3, weight = [0.5, 2, 1.25]",
     of(nn.BCEWithLogitsLoss, pos_weight=3.0, weight=WEIGHT), None, SHARES),
    ("name = 'nll', weight = [0.5, 2, 1.25]", of(nn.NLLLoss, weight=WEIGHT), "log_softmax", CLASSES),
    ("name = 'nll', ignore_index = 2", of(nn.NLLLoss, ignore_index=2), "log_softmax", CLASSES),
    ("name = 'nll', weight = [0.5, 2, 1.25], ignore_index = -1", of(nn.NLLLoss, weight=WEIGHT, ignore_index=-1),
     "log_softmax", WITH_IGNORED),
    ("name = 'cross_entropy', weight = [0.5, 2, 1.25]", of(nn.CrossEntropyLoss, weight=WEIGHT), None, CLASSES),
    ("name = 'cross_entropy', ignore_index = 2", of(nn.CrossEntropyLoss, ignore_index=2), None, CLASSES),
    ("name = 'cross_entropy', ignore_index = -1, label_smoothing = 0.2",
     of(nn.CrossEntropyLoss, ignore_index=-1, label_smoothing=0.2), None, WITH_IGNORED),
    ("name = 'cross_entropy', weight = [0.5, 2, 1.25], ignore_index = 0, label_smoothing = 0.2",
     of(nn.CrossEntropyLoss, weight=WEIGHT, ignore_index=0, label_smoothing=0.2), None, CLASSES),
    ("name = 'cross_entropy', weight = [0.5, 2, 1.25]", of(nn.CrossEntropyLoss, weight=WEIGHT), None, DISTRIBUTIONS),
    ("name = 'cross_entropy', weight = [0.5, 2, 1.25], label_smoothing = 0.2",
     of(nn.CrossEntropyLoss, weight=WEIGHT, label_smoothing=0.2), None, DISTRIBUTIONS),
]


def activation(module):
    out = {}
    for dtype in (torch.float64, torch.float32):
        z = torch.tensor(POINTS, dtype=dtype, requires_grad=True)
        a = module(z)
        a.sum().backward()
        out[str(dtype)[6:]] = {"value": a.tolist(), "derivative": z.grad.tolist()}
    return out


def loss(settings, make, before, target):
    """Outputs are what the loss is given; the gradient is the one by them."""
    out = {"settings": settings, "target": target, "distributions": target is DISTRIBUTIONS}
    for dtype in (torch.float64, torch.float32):
        o = torch.tensor(OUTPUTS, dtype=torch.float64)
        if before:
            o = nn.functional.log_softmax(o, 1) if before == "log_softmax" else before(o)
        out["output"] = o.tolist()
        for reduction in ("mean", "sum"):
            given = o.to(dtype).detach().requires_grad_()
            t = torch.tensor(target) if isinstance(target[0], int) else torch.tensor(target, dtype=dtype)
            value = make(reduction, dtype)(given, t)
            value.backward()
            out[f"{reduction}/{str(dtype)[6:]}"] = {"value": value.item(), "gradient": given.grad.tolist()}
    return out


def penalised(l1, l2, clip):
    """Ten steps of SGD in float64, the penalty in the loss."""
    torch.manual_seed(3)
    torch.set_default_dtype(torch.float64)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    with torch.no_grad():
        model[0].weight[1, 0] = 0.0  # the slope of |w| at 0 is 0
    start = [v for p in model.parameters() for v in p.flatten().tolist()]
    x, y = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    optimizer, losses = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5), []
    for step in range(10):
        i = step % 4
        weights = [model[0].weight, model[2].weight]
        value = nn.functional.mse_loss(model(x[i:i + 1]), y[i:i + 1])
        value = value + l1 * sum(w.abs().sum() for w in weights) + l2 * sum((w * w).sum() for w in weights)
        losses.append(value.item())
        optimizer.zero_grad()
        value.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    torch.set_default_dtype(torch.float32)
    end = [v for p in model.parameters() for v in p.flatten().tolist()]
    return {"l1": l1, "l2": l2, "clip": clip, "start": start, "losses": losses, "parameters": end}


def lines(entries):
    return "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]"


if __name__ == "__main__":
    activations = [{"settings": settings} | activation(module) for settings, module in ACTIVATIONS.items()]
    runs = [penalised(0.01, 0.0, None), penalised(0.0, 0.02, None), penalised(0.01, 0.02, 0.3)]
    head = {"source": "scripts/torch_activations_losses.py", "torch": torch.__version__, "points": POINTS}
    print(json.dumps(head)[:-1] + f', "activations": {lines(activations)}, "losses": '
          f'{lines([loss(*row) for row in LOSSES])}, "penalised": {lines(runs)}}}')
