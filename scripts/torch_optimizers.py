"""Prints crates/neuronlab/tests/golden/torch_optimizers.json: walks of PyTorch's optimizers and learning rates of its schedules.

    python3 scripts/torch_optimizers.py > crates/neuronlab/tests/golden/torch_optimizers.json

Settings are those of an experiment file, so that the test needs no list of its own.
"""

import json

import torch
from torch import nn, optim
from torch.optim import lr_scheduler

torch.set_num_threads(1)

STEPS = 14
SCALES = torch.tensor([1.0, 10.0, 0.1], dtype=torch.float64)
TARGETS = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)


def hexes(tensor):
    return [float(v).hex() for v in tensor.detach().flatten()]


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def walk(name, make, lrs=None, momenta=None, **settings):
    """f(w) = sum of c (w - t)^2 from 0; `lrs` and `momenta` are what a schedule would say, step by step."""
    w = nn.Parameter(torch.zeros(3, dtype=torch.float64))
    optimizer = make([w], **settings)
    group = optimizer.param_groups[0]
    out = {"settings": toml({"name": name} | settings), "hyper": [], "w": []}
    for step in range(STEPS):
        if lrs:
            group["lr"] = lrs[step % len(lrs)]
        if momenta:
            group["momentum"] = momenta[step % len(momenta)]
        out["hyper"].append([group["lr"], group.get("momentum", group.get("betas", [None])[0])])
        loss = (SCALES * (w - TARGETS) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        out["w"].append(hexes(w))
    kept = {key: value for key, value in optimizer.state[w].items() if torch.is_tensor(value) and value.shape == w.shape}
    return out | {"state": {key: hexes(value) for key, value in kept.items()}}


MOMENTA = [0.9, 0.5, 0, 0, 0.7]
LATE = [0, 0, 0.9, 0.9, 0, 0.5]
RATES = [0.03, 0.01, 0.02, 0.005]
SMALL = {"lr": 0.02, "maximize": True}


def walks():
    return [
        walk("sgd", optim.SGD, lr=0.02, dampening=0.5),
        walk("sgd", optim.SGD, lr=0.02, momentum=0.9, dampening=0.5, momenta=MOMENTA),
        walk("sgd", optim.SGD, lr=0.02, dampening=0.5, weight_decay=0.1, momenta=LATE, lrs=RATES),
        walk("sgd", optim.SGD, lr=0.02, momentum=0.9, nesterov=True, momenta=MOMENTA),
        walk("sgd", optim.SGD, lr=0.02, momentum=0.9, nesterov=True, momenta=LATE),
        walk("sgd", optim.SGD, momentum=0.5, weight_decay=0.1, momenta=MOMENTA, **SMALL),
        walk("rmsprop", optim.RMSprop, lr=0.01, momentum=0.9, momenta=MOMENTA),
        walk("rmsprop", optim.RMSprop, lr=0.01, momentum=0.9, centered=True, weight_decay=0.1, momenta=MOMENTA[1:]),
        walk("rmsprop", optim.RMSprop, weight_decay=0.1, **SMALL),
        walk("adam", optim.Adam, weight_decay=0.1, **SMALL),
        walk("adamw", optim.AdamW, weight_decay=0.1, **SMALL),
        walk("adagrad", optim.Adagrad, weight_decay=0.1, **SMALL),
        walk("adadelta", optim.Adadelta, weight_decay=0.1, **SMALL),
        walk("nadam", optim.NAdam, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
        walk("nadam", optim.NAdam, decoupled_weight_decay=True, **SMALL),
        walk("radam", optim.RAdam, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True, lrs=RATES),
        walk("radam", optim.RAdam, decoupled_weight_decay=True, **SMALL),
        walk("adamax", optim.Adamax),
        walk("adamax", optim.Adamax, lr=0.1, betas=(0.8, 0.9), eps=0.1, weight_decay=0.1),
        walk("adamax", optim.Adamax, weight_decay=0.1, **SMALL),
        walk("asgd", optim.ASGD),
        walk("asgd", optim.ASGD, lr=0.05, lambd=0.3, alpha=0.9, t0=3.0, weight_decay=0.1),
        walk("asgd", optim.ASGD, lr=0.03, lambd=0.1, t0=0.0, lrs=RATES),
        walk("asgd", optim.ASGD, weight_decay=0.1, **SMALL),
        walk("rprop", optim.Rprop),
        walk("rprop", optim.Rprop, lr=0.3, etas=(0.4, 1.6), step_sizes=(0.1, 0.7)),
        walk("rprop", optim.Rprop, lr=0.001, step_sizes=(0.01, 1.0), lrs=RATES),
        walk("rprop", optim.Rprop, **SMALL),
    ]


CLASSES = {
    "constant_lr": lr_scheduler.ConstantLR, "linear_lr": lr_scheduler.LinearLR, "step_lr": lr_scheduler.StepLR,
    "multi_step_lr": lr_scheduler.MultiStepLR, "exponential_lr": lr_scheduler.ExponentialLR,
    "polynomial_lr": lr_scheduler.PolynomialLR, "cosine_annealing_lr": lr_scheduler.CosineAnnealingLR,
    "cosine_annealing_warm_restarts": lr_scheduler.CosineAnnealingWarmRestarts,
}
NAMES = {"t_max": "T_max", "t_0": "T_0", "t_mult": "T_mult"}


def build(optimizer, name, schedules=(), **settings):
    parts = [build(optimizer, **part) for part in schedules]
    if name == "sequential":
        return lr_scheduler.SequentialLR(optimizer, parts, settings["milestones"])
    if name == "chained":
        return lr_scheduler.ChainedScheduler(parts)
    return CLASSES[name](optimizer, **{NAMES.get(key, key): value for key, value in settings.items()})


def rates(**schedule):
    """Learning rates of 40 epochs, from 0.1."""
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = build(optimizer, **schedule)
    lrs = []
    for _ in range(40):
        lrs.append(float(optimizer.param_groups[0]["lr"]).hex())
        optimizer.step()
        scheduler.step()
    return {"settings": toml(schedule), "lr": lrs}


def part(name, **settings):
    return {"name": name} | settings


def schedules():
    constant, linear = part("constant_lr", factor=0.25, total_iters=4), part("linear_lr", total_iters=6)
    cosine, halves = part("cosine_annealing_lr", t_max=7, eta_min=0.01), part("step_lr", step_size=5, gamma=0.5)
    return [
        rates(name="constant_lr"),
        rates(name="constant_lr", factor=0.2, total_iters=0),
        rates(name="constant_lr", factor=1.0, total_iters=3),
        rates(name="sequential", schedules=[linear, cosine], milestones=[6]),
        rates(name="sequential", schedules=[constant, part("exponential_lr", gamma=0.9), halves], milestones=[10, 20]),
        rates(name="sequential", schedules=[part("polynomial_lr"), constant, part("constant_lr", total_iters=0), linear],
              milestones=[8, 16, 20]),
        rates(name="sequential", schedules=[part("multi_step_lr", milestones=[0, 3]), part("multi_step_lr", milestones=[0, 3])],
              milestones=[9]),
        rates(name="sequential", schedules=[cosine, part("cosine_annealing_warm_restarts", t_0=3, t_mult=2)], milestones=[5]),
        rates(name="sequential", schedules=[linear], milestones=[]),
        rates(name="chained", schedules=[constant, part("exponential_lr", gamma=0.9)]),
        rates(name="chained", schedules=[cosine, halves]),
        rates(name="chained", schedules=[linear, part("multi_step_lr", milestones=[0, 3, 9], gamma=0.5), constant]),
        rates(name="chained", schedules=[part("polynomial_lr", total_iters=12, power=2.0), cosine]),
        rates(name="chained", schedules=[part("cosine_annealing_lr", t_max=1), part("exponential_lr", gamma=0.95)]),
        rates(name="chained", schedules=[part("constant_lr", factor=0.5, total_iters=0), linear]),
    ]


print(json.dumps({
    "source": f"scripts/torch_optimizers.py, PyTorch {torch.__version__}", "walks": walks(), "schedules": schedules(),
}, indent=0))
