"""Trains random experiments with neuronlab and with PyTorch, and compares every loss of every step.

    python3 scripts/torch_differential.py --cases 1000 --seed 1
    python3 scripts/torch_differential.py --cases 200 --only optimizer.sgd.dampening
    python3 scripts/torch_differential.py --start 123 --cases 1 --keep /tmp/case
    python3 scripts/torch_differential.py --self-test
    python3 scripts/torch_differential.py --golden 500 > crates/neuronlab/tests/golden/torch_differential.json

A case is drawn from the seed and its number alone. A setting is left out half of the time, on both sides: so the defaults
are compared, too. Some cases hold a value at the edge of what is allowed, or beyond it: what PyTorch refuses, neuronlab is to
refuse, and the other way round, but for DEPARTURES. A new method is a row in a table.

The two programs add and multiply in different orders, so their losses differ by roundings. How far roundings take two runs
apart depends on the run: a kink (|x| at 0), or a gradient that is nothing but roundings and that Adam makes a whole step of.
A case is therefore measured against PyTorch itself:

- A difference below FLOOR, relative to the loss, always passes. (Relative to a hundredth of the run's largest loss where the
  loss is smaller than that: a loss near 0 is a difference of larger numbers.)
- Else PyTorch trains again a few times, and every number is disturbed by an ULP: the start weights, the outputs of every
  module in every step, and the gradients (by an ULP of the largest gradient, since a small one can be a difference of large
  terms). How far the losses go apart up to a step, times FACTOR, is added to what may differ there.
- From the step on at which that is more than a hundredth of the loss, nothing can be said, and the rest of the run is not
  compared. The same holds from where a disturbed run diverges and the other does not. The tally counts such steps.

`--self-test` shows that this is tight enough: it changes one setting after the other on one side, and counts how often that
is noticed.
"""

import argparse
import collections
import csv
import functools
import io
import json
import math
import multiprocessing
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from typing import Callable, NamedTuple

import numpy as np
import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader

torch.set_num_threads(1)
warnings.filterwarnings("ignore")

# PyTorch's default precision stays float32: NAdam and ASGD keep numbers in that, whatever the parameters are in.
DTYPES = {"float32": torch.float32, "float64": torch.float64}
FLOOR = {"float32": 1e-5, "float64": 1e-9}
FACTOR = 30
DISTURBED = 4
USELESS = 0.01
REFUSALS = (ValueError, RuntimeError, TypeError, KeyError, IndexError, ArithmeticError, AssertionError)


# What can be drawn ------------------------------------------------------------------------------------------------------


class Setting(NamedTuple):
    """How a setting is drawn: of the random stream and the sizes of the run."""
    draw: Callable
    edges: tuple = ()  # values at the edge of what is allowed, or beyond it
    share: float = 0.5  # of the cases in which it is not left out
    torch: str = ""  # PyTorch's name, where it is another


class Sizes(NamedTuple):
    outputs: int
    epochs: int
    steps: int  # of the whole run
    fewest: int  # different samples of a step
    width: int = 1  # neurons of the layer


class Method(NamedTuple):
    make: Callable
    settings: dict
    wants: str = ""  # a loss's targets, or what a schedule counts
    last: tuple = ()  # activations of which the last layer must have one


def method(make, wants="", last=(), **settings):
    return Method(make, settings, wants, last)


def number(low, high, *edges, **more):
    return Setting(lambda rng, run: round(rng.uniform(low, high), 3), edges, **more)


def scale(low, high, *edges, **more):
    """Numbers of all sizes between two."""
    return Setting(lambda rng, run: float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.2g}"), edges, **more)


def or_zero(setting):
    """The same, and sometimes 0, by which a setting may switch off others."""
    return setting._replace(draw=lambda rng, run: 0.0 if rng.random() < 0.15 else setting.draw(rng, run))


def whole(low, high, *edges, **more):
    return Setting(lambda rng, run: rng.randint(low, high), edges, **more)


def among(*values, edges=(), **more):
    return Setting(lambda rng, run: rng.choice(values), edges, **more)


def rows_of(count, one, *edges, **more):
    """A list of `count(run)` numbers."""
    return Setting(lambda rng, run: [one.draw(rng, run) for _ in range(count(run))], edges, **more)


def epochs(count, *edges, **more):
    """Different epochs in rising order."""
    return Setting(lambda rng, run: sorted(rng.sample(range(1, run.epochs + count), count)), edges, **more)


FLAG = among(True, False)
ACTIVATIONS = {
    "identity": method(nn.Identity),
    "sigmoid": method(nn.Sigmoid),
    "tanh": method(nn.Tanh),
    "relu": method(nn.ReLU),
    "leaky_relu": method(nn.LeakyReLU, negative_slope=number(-0.2, 0.6, 0.0)),
    "elu": method(nn.ELU, alpha=number(0.2, 2)),
    "selu": method(nn.SELU),
    "gelu": method(nn.GELU, approximate=among("tanh", "none")),
    "silu": method(nn.SiLU),
    "softplus": method(nn.Softplus, beta=number(0.3, 3), threshold=number(0.3, 2)),
    "softsign": method(nn.Softsign),
    "hardtanh": method(nn.Hardtanh, min_val=number(-0.8, -0.1, 1.0, 2.0), max_val=number(0.1, 0.8, -1.0)),
    "mish": method(nn.Mish),
    "softmax": method(functools.partial(nn.Softmax, dim=1)),
    "log_softmax": method(functools.partial(nn.LogSoftmax, dim=1)),
    "celu": method(nn.CELU, alpha=number(0.2, 2, 0.0, -0.5)),
    "relu6": method(nn.ReLU6),
    "hardswish": method(nn.Hardswish),
    "hardsigmoid": method(nn.Hardsigmoid),
    "tanhshrink": method(nn.Tanhshrink),
    "softshrink": method(nn.Softshrink, lambd=number(0.05, 0.8, 0.0, -0.1)),
    "hardshrink": method(nn.Hardshrink, lambd=number(0.05, 0.8, 0.0)),
    "prelu": method(nn.PReLU, init=number(-0.2, 0.8, 0.0),
                    num_parameters=Setting(lambda rng, run: rng.choice((1, run.width)), (0, 9))),
    "log_sigmoid": method(nn.LogSigmoid),
}

REDUCTION = among("sum", "mean", edges=("batchmean",))


def gaussian_nll(var, **settings):
    loss = nn.GaussianNLLLoss(**settings)
    return lambda output, target: loss(output, target, var)


OUTPUT_WEIGHTS = rows_of(lambda run: run.outputs, number(0.2, 3))
CLASS_SETTINGS = {"weight": OUTPUT_WEIGHTS, "ignore_index": Setting(lambda rng, run: rng.randint(-1, run.outputs - 1))}
LOSSES = {
    "l1": method(nn.L1Loss, "numbers", reduction=REDUCTION),
    "mse": method(nn.MSELoss, "numbers", reduction=REDUCTION),
    "smooth_l1": method(nn.SmoothL1Loss, "numbers", beta=number(0.05, 2, 0.0, -0.5), reduction=REDUCTION),
    "huber": method(nn.HuberLoss, "numbers", delta=number(0.05, 2, 0.0, -0.5), reduction=REDUCTION),
    "bce": method(nn.BCELoss, "shares", ("sigmoid", "sigmoid", "softmax", "hardsigmoid"), weight=OUTPUT_WEIGHTS,
                  reduction=REDUCTION),
    "bce_with_logits": method(
        nn.BCEWithLogitsLoss, "shares", weight=OUTPUT_WEIGHTS, reduction=REDUCTION,
        pos_weight=Setting(lambda rng, run: rng.choice((number(0.2, 4), OUTPUT_WEIGHTS)).draw(rng, run), (0.0, -1.0))),
    "nll": method(nn.NLLLoss, "classes", ("log_softmax",), **CLASS_SETTINGS, reduction=REDUCTION),
    "cross_entropy": method(nn.CrossEntropyLoss, "classes or distributions", **CLASS_SETTINGS, reduction=REDUCTION,
                            label_smoothing=number(0.05, 0.5, 1.0, -0.1, 1.1)),
    "kl_div": method(nn.KLDivLoss, "distributions", ("log_softmax",), log_target=among(True, True, False),
                     reduction=among("sum", "mean", "batchmean")),
    "soft_margin": method(nn.SoftMarginLoss, "signs", reduction=REDUCTION),
    "hinge_embedding": method(nn.HingeEmbeddingLoss, "signs", margin=number(0.2, 2, -0.5), reduction=REDUCTION),
    "poisson_nll": method(nn.PoissonNLLLoss, "counts", ("identity", "tanh", "softplus", "sigmoid"), log_input=FLAG,
                          full=FLAG, eps=scale(1e-3, 0.1), reduction=REDUCTION),
    "gaussian_nll": method(gaussian_nll, "numbers", var=number(0.1, 1.5, 0.0, -1.0, share=1), full=FLAG,
                           eps=number(0.1, 2, 0.0, -1.0), reduction=REDUCTION),
}

DECAY = or_zero(scale(1e-3, 0.2, -0.1))
EPS = scale(1e-6, 0.1, -1e-3)  # never 0: whether a gradient is exactly 0, and then 0/0, is a matter of roundings
BETAS = Setting(lambda rng, run: [round(rng.uniform(0, 0.99), 3), round(rng.uniform(0.5, 0.9995), 4)],
                ([0.0, 0.999], [0.9, 0.0], [1.0, 0.9], [0.9, 1.0], [-0.1, 0.9]))
LR = scale(0.003, 0.2, 0.0, -0.1)
ADAM = {"lr": LR, "betas": BETAS, "eps": EPS, "weight_decay": DECAY, "maximize": FLAG}
OPTIMIZERS = {
    "sgd": method(optim.SGD, lr=LR, momentum=or_zero(number(0.1, 0.95, 1.0, -0.1)), dampening=number(0.1, 0.9, 1.0, -0.5),
                  nesterov=FLAG, weight_decay=DECAY, maximize=FLAG),
    "adam": method(optim.Adam, **ADAM, amsgrad=FLAG),
    "adamw": method(optim.AdamW, **ADAM, amsgrad=FLAG),
    "rmsprop": method(optim.RMSprop, lr=LR, alpha=number(0.3, 0.99, 1.0, -0.1), eps=EPS, weight_decay=DECAY,
                      momentum=or_zero(number(0.1, 0.9, -0.1)), centered=FLAG, maximize=FLAG),
    "adagrad": method(optim.Adagrad, lr=LR, lr_decay=or_zero(scale(1e-3, 1, -0.1)), weight_decay=DECAY, eps=EPS,
                      initial_accumulator_value=scale(1e-3, 1, 0.0, -0.1), maximize=FLAG),
    "adadelta": method(optim.Adadelta, lr=scale(0.1, 3, 0.0, -0.1), rho=number(0.3, 0.99, 0.0, 1.0, 1.1), eps=EPS,
                       weight_decay=DECAY, maximize=FLAG),
    "nadam": method(optim.NAdam, **ADAM, momentum_decay=scale(1e-3, 1, 0.0, -0.1), decoupled_weight_decay=FLAG),
    "radam": method(optim.RAdam, **ADAM, decoupled_weight_decay=FLAG),
    "adamax": method(optim.Adamax, **ADAM),
    "asgd": method(optim.ASGD, lr=LR, lambd=or_zero(scale(1e-3, 0.5, -0.1)), alpha=number(0.2, 1.5, 0.0, -0.1),
                   t0=scale(1, 20), weight_decay=DECAY, maximize=FLAG),
    "rprop": method(optim.Rprop, lr=scale(1e-3, 0.05, 0.0, -0.1), maximize=FLAG,
                    etas=Setting(lambda rng, run: [round(rng.uniform(0.2, 0.8), 2), round(rng.uniform(1.05, 1.6), 2)],
                                 ([0.5, 1.0], [0.0, 1.2], [1.0, 1.2])),
                    step_sizes=Setting(lambda rng, run: [scale(1e-4, 0.02).draw(rng, run), scale(0.02, 0.1).draw(rng, run)],
                                       ([0.1, 0.01], [0.0, 1.0]))),
}


def piecewise(optimizer, starts, factors):
    pairs = list(zip([0] + starts, [1] + factors))
    return lr_scheduler.LambdaLR(optimizer, lambda t: [factor for start, factor in pairs if start <= t][-1])


def sequential(optimizer, schedules, milestones):
    return lr_scheduler.SequentialLR(optimizer, [schedule_of(s, optimizer) for s in schedules], milestones)


def chained(optimizer, schedules):
    return lr_scheduler.ChainedScheduler([schedule_of(s, optimizer) for s in schedules])


def schedule_of(named, optimizer):
    return make(SCHEDULES[named["name"]], named, optimizer)


def parts(*names):
    """Two or three schedules that count epochs."""
    def draw(rng, run):
        count = 1 + len(SEQUENCE.draw(rng, run))
        known = [name for name in names if name in SCHEDULES]
        return [named(rng, run, SCHEDULES, rng.choice(known)) for _ in range(count)]
    return Setting(draw, share=1)


SEQUENCE = epochs(2)
FACTOR_SETTING = number(0.3, 0.95, 1.1, 0.0, -0.5)
MOMENTA = {"cycle_momentum": FLAG, "base_momentum": or_zero(number(0.1, 0.8)),
           "max_momentum": or_zero(number(0.5, 0.95, 1.0))}
RECURSIVE = ("step_lr", "multi_step_lr", "exponential_lr", "cosine_annealing_lr", "linear_lr", "polynomial_lr", "constant_lr")
SCHEDULES = {
    "step_lr": method(lr_scheduler.StepLR, step_size=whole(1, 4, 0, share=1), gamma=FACTOR_SETTING),
    "multi_step_lr": method(lr_scheduler.MultiStepLR, gamma=FACTOR_SETTING,
                            milestones=epochs(3, [2, 2], [3, 1], [], [0, 2], share=1)),
    "exponential_lr": method(lr_scheduler.ExponentialLR, gamma=FACTOR_SETTING._replace(share=1)),
    "cosine_annealing_lr": method(lr_scheduler.CosineAnnealingLR, t_max=whole(1, 9, 0, share=1, torch="T_max"),
                                  eta_min=scale(1e-3, 0.3, -0.1)),
    "cosine_annealing_warm_restarts": method(
        lr_scheduler.CosineAnnealingWarmRestarts, t_0=whole(1, 5, 0, share=1, torch="T_0"),
        t_mult=whole(1, 3, 0, torch="T_mult"), eta_min=scale(1e-3, 0.3, -0.1)),
    "linear_lr": method(lr_scheduler.LinearLR, start_factor=number(0.1, 1, 0.0, 1.0, 1.1), end_factor=number(0, 1, 0.0, 1.1),
                        total_iters=whole(1, 8, 0)),
    "polynomial_lr": method(lr_scheduler.PolynomialLR, total_iters=whole(1, 12, 0), power=number(0.5, 3, 0.0, -1.0)),
    "constant_lr": method(lr_scheduler.ConstantLR, factor=number(0.1, 1, 0.0, 1.0, 1.1, -0.1), total_iters=whole(1, 8, 0)),
    "cyclic_lr": method(lr_scheduler.CyclicLR, "step", base_lr=scale(1e-3, 0.05, 0.0, -0.1, share=1),
                        max_lr=scale(0.05, 0.2, 1e-4, share=1), step_size_up=whole(1, 6, 0),
                        step_size_down=whole(1, 6, 0), mode=among("triangular2", "exp_range", "triangular"),
                        gamma=number(0.8, 0.99), **MOMENTA),
    "one_cycle_lr": method(lr_scheduler.OneCycleLR, "step", max_lr=scale(0.01, 0.2, 0.0, share=1),
                           total_steps=Setting(lambda rng, run: run.steps + rng.randint(0, 9), (5, 0), share=1),
                           pct_start=number(0.2, 0.8, 0.0, 1.0, 1.1), anneal_strategy=among("linear", "cos"), **MOMENTA,
                           div_factor=number(2, 30, 0.0), final_div_factor=number(2, 1e4), three_phase=FLAG),
    "reduce_lr_on_plateau": method(
        lr_scheduler.ReduceLROnPlateau, "loss", mode=among("max", "min"), factor=number(0.2, 0.8, 1.0, 0.0, -0.5),
        patience=whole(0, 2, share=0.9), threshold=scale(1e-3, 0.3, 1.0, -0.1), threshold_mode=among("abs", "rel"),
        cooldown=whole(1, 3), min_lr=scale(1e-3, 0.1, 0.0, -0.1), eps=scale(1e-4, 0.05, 0.0)),
    "piecewise": method(piecewise, starts=epochs(3, share=1), factors=rows_of(lambda run: 3, number(0, 2), share=1)),
    "sequential": method(sequential, schedules=parts(*RECURSIVE, "cosine_annealing_warm_restarts", "piecewise"),
                         milestones=SEQUENCE._replace(edges=([2], [3, 1], [2, 2], [0, 2]), share=1)),
    "chained": method(chained, schedules=parts(*RECURSIVE)),
}

GAIN = number(0.3, 2)
KAIMING = {"mode": among("fan_out", "fan_in"), "a": number(0.1, 2),
           "nonlinearity": among("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu")}
INITS = {
    "default": method(None),
    "zeros": method(nn.init.zeros_),
    "ones": method(nn.init.ones_),
    "constant": method(nn.init.constant_, value=number(-0.8, 0.8, share=1, torch="val")),
    "uniform": method(nn.init.uniform_, low=number(-1, 0, 2.0, torch="a"), high=number(0, 1, -2.0, torch="b")),
    "normal": method(nn.init.normal_, mean=number(-0.5, 0.5), std=number(0.1, 1, 0.0, -0.1)),
    "trunc_normal": method(nn.init.trunc_normal_, mean=number(-0.5, 0.5, 4.0), std=number(0.2, 1.2, 0.0, -0.1),
                           a=number(-1.5, -0.1, 2.0, 3.0), b=number(0.1, 1.5)),
    "xavier_uniform": method(nn.init.xavier_uniform_, gain=GAIN),
    "xavier_normal": method(nn.init.xavier_normal_, gain=GAIN),
    "kaiming_uniform": method(nn.init.kaiming_uniform_, **KAIMING),
    "kaiming_normal": method(nn.init.kaiming_normal_, **KAIMING),
    "orthogonal": method(nn.init.orthogonal_, gain=GAIN),
}
BIAS_INITS = list(INITS)[:7]

SIZE = whole(1, 6, 20)
CLIPS = {
    "value": method(nn.utils.clip_grad_value_, max=scale(0.01, 0.5, 0.0, -1.0, share=1, torch="clip_value")),
    "norm": method(nn.utils.clip_grad_norm_, max=scale(0.05, 1, 0.0, -1.0, share=1, torch="max_norm")),
}
BATCHES = {
    "with_replacement": method(None, size=SIZE, steps=whole(1, 5)),
    "shuffle": method(None, size=SIZE),
    "in_order": method(None, size=SIZE),
    "full": method(None),
    "list": method(None, size=SIZE, samples=Setting(lambda rng, run: [rng.randrange(3) for _ in range(rng.randint(1, 9))],
                                                    share=1)),
}
# Tables of an experiment that have no name.
PARTS = {
    "batch_norm": method(nn.BatchNorm1d, eps=scale(1e-4, 0.3, 0.0, -0.1), momentum=number(0, 1, 0.0, 1.0), affine=FLAG),
    "regularization": method(None, l1=scale(1e-3, 0.3, 0.0), l2=scale(1e-3, 0.3, 0.0)),
    "stop": method(None, loss_below=scale(0.01, 1)),
    "split": method(None, test=number(0.1, 0.5, share=1), seed=whole(0, 99)),
}
TABLES = {"activation": ACTIVATIONS, "loss": LOSSES, "optimizer": OPTIMIZERS, "schedule": SCHEDULES, "init": INITS,
          "clip": CLIPS, "batch": BATCHES, "part": PARTS}

# Edges that PyTorch accepts and neuronlab refuses on purpose, by the reason.
DEPARTURES = {feature: reason for reason, listed in {
    "0 would stop training, and a negative bound turns it around": "clip.norm.max clip.value.max",
    "it looks at a scheme even if no layer uses it":
        "init.uniform.low init.uniform.high init.normal.std init.trunc_normal.a init.trunc_normal.std",
    "0 can not be undone when its epochs are over": "schedule.constant_lr.factor",
    "the smallest is not above the largest": "optimizer.rprop.step_sizes",
    "a weight or a share is not negative": "loss.bce_with_logits.pos_weight loss.cross_entropy.label_smoothing",
    "0 is the loss l1": "loss.smooth_l1.beta",
    "1 would take in nothing new": "optimizer.adadelta.rho optimizer.rmsprop.alpha schedule.cyclic_lr.max_momentum "
                                   "schedule.one_cycle_lr.max_momentum",
    "a learning rate neither is negative nor becomes so":
        "schedule.cosine_annealing_lr.eta_min schedule.cosine_annealing_warm_restarts.eta_min schedule.cyclic_lr.base_lr "
        "schedule.step_lr.gamma schedule.multi_step_lr.gamma schedule.exponential_lr.gamma "
        "schedule.reduce_lr_on_plateau.factor schedule.reduce_lr_on_plateau.min_lr",
    "the highest learning rate is above the lowest": "schedule.cyclic_lr.max_lr schedule.one_cycle_lr.max_lr",
    "a way takes at least one step":
        "schedule.cyclic_lr.step_size_down schedule.linear_lr.total_iters schedule.polynomial_lr.total_iters",
    "it would not fall": "schedule.polynomial_lr.power",
    "it wants a list in rising order": "schedule.multi_step_lr.milestones schedule.sequential.milestones",
    "worse would count as better": "schedule.reduce_lr_on_plateau.threshold",
}.items() for feature in listed.split()}
# Where PyTorch fails by accident, and neuronlab trains.
ACCIDENTS = {
    "KeyError: 'momentum_buffer'": "RMSprop makes it in the first step only, and misses it if a schedule brings momentum later",
    "ZeroDivisionError: float division by zero": "a schedule divides by a factor, or by the length of a phase, that is 0",
}

# Settings that no loss depends on.
UNSEEN = {
    "optimizer.asgd.t0": "it decides from when on weights are averaged; training does not use the average",
}


def make(chosen, settings, *first):
    """PyTorch's object for a method with its settings."""
    names = {key: chosen.settings[key].torch or key for key in settings if key != "name"}
    return chosen.make(*first, **{names[key]: settings[key] for key in names})


def named(rng, run, table, name):
    """A method with settings, each left out half of the time."""
    settings = table[name].settings.items()
    return {"name": name} | {key: s.draw(rng, run) for key, s in settings if rng.random() < s.share}


# Experiments ------------------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    number: int
    experiment: dict
    inputs: list  # rows of numbers
    targets: list  # rows of numbers, or of one word
    edge: str  # the setting at the edge, if any


def draw_case(number, seed, dtypes=tuple(DTYPES)):
    rng = random.Random(f"{seed} {number}")
    loss_name = rng.choice(list(LOSSES))
    wants = LOSSES[loss_name].wants
    outputs = rng.randint(2, 4) if wants.startswith(("classes", "distributions")) else rng.randint(1, 3)
    rows, widths = rng.randint(4, 12), [rng.randint(1, 8) for _ in range(rng.randint(0, 3))] + [outputs]
    batch = named(rng, None, BATCHES, rng.choice(list(BATCHES)))
    split = {"split": draw_part(rng, "split")} if rng.random() < 0.1 else {}
    training = rows - math.ceil(split["split"]["test"] * rows) if split else rows
    if batch["name"] == "list":
        batch["samples"] = [rng.randrange(training) for _ in batch["samples"]]
    per_epoch = steps_of(batch, training)
    number_of_epochs = max(2, rng.randint(8, 30) // per_epoch)
    numpy_seed = rng.randrange(1 << 32)
    run = Sizes(outputs, number_of_epochs, number_of_epochs * per_epoch, fewest(batch, training, numpy_seed, number_of_epochs))

    loss = named(rng, run, LOSSES, loss_name)
    # A mean of nothing is no number, and then the run is over.
    if "ignore_index" in loss and run.fewest < 4 and rng.random() < 0.9:
        loss["reduction"] = "sum"
    layers = [layer(rng, run, width) for width in widths]
    if LOSSES[loss_name].last:
        # What is no probability any more is refused.
        layers[-1].pop("dropout", None)
        layers[-1]["activation"] = named(rng, run, ACTIVATIONS, last_activation(rng, loss))
    elif rng.random() < 0.7:
        layers[-1].pop("activation", None)
    experiment = {
        "format": 1, "name": "case", "dtype": rng.choice(dtypes),
        "seed": {"torch": rng.choice((rng.randrange(1000), rng.randrange(1 << 62))), "numpy": numpy_seed}
        | ({"discard": rng.randrange(50)} if rng.random() < 0.2 else {}),
        "data": {"name": "csv", "path": "data.csv"} | ({"standardize": True} if rng.random() < 0.1 else {}),
    } | split | {"network": {"layers": layers}}
    if rng.random() < 0.4:
        experiment["init"] = named(rng, run, INITS, rng.choice(list(INITS)))
    if rng.random() < 0.3:
        experiment["init_bias"] = named(rng, run, INITS, rng.choice(BIAS_INITS))
    experiment["loss"] = loss
    experiment["optimizer"] = draw_optimizer(rng, run)
    if rng.random() < 0.6:
        experiment["schedule"] = named(rng, run, SCHEDULES, rng.choice(list(SCHEDULES)))
        # Most optimizers that know no momentum are to have a schedule that works, too.
        if "cycle_momentum" in SCHEDULES[experiment["schedule"]["name"]].settings and rng.random() < 0.8:
            if not {"momentum", "betas"} & set(OPTIMIZERS[experiment["optimizer"]["name"]].settings):
                experiment["schedule"]["cycle_momentum"] = False
    if "regularization" in PARTS and rng.random() < 0.2:
        experiment["regularization"] = draw_part(rng, "regularization")
    if rng.random() < 0.25:
        experiment["clip"] = named(rng, run, CLIPS, rng.choice(list(CLIPS)))
    experiment["batch"] = batch
    experiment["stop"] = {"epochs": run.epochs} | (draw_part(rng, "stop") if rng.random() < 0.1 else {})

    edge = put_edge(rng, experiment) if rng.random() < 0.06 else ""
    targets = draw_targets(rng, wants, loss, rows, outputs)
    experiment["data"]["targets"] = [f"y{i}" for i in range(len(targets[0]))]
    width = rng.randint(1, 4)
    inputs = [[round(rng.uniform(-2, 2), 3) for _ in range(width)] for _ in range(rows)]
    return Case(number, experiment, inputs, targets, edge)


def draw_part(rng, name):
    part = named(rng, None, PARTS, name)
    del part["name"]
    return part


def layer(rng, run, width):
    out, run = {"out_features": width}, run._replace(width=width)
    if rng.random() < 0.3:
        out["bias"] = False
    if rng.random() < (0.25 if run.fewest > 1 else 0.01):
        out["batch_norm"] = draw_part(rng, "batch_norm")
    out["activation"] = named(rng, run, ACTIVATIONS, rng.choice(list(ACTIVATIONS)))
    if rng.random() < 0.15:
        out["dropout"] = rng.choice((0.1, 0.3, 0.5, round(rng.uniform(0, 1), 2)))
    if rng.random() < 0.1:
        out["init"] = named(rng, run, INITS, rng.choice(list(INITS)))
    if rng.random() < 0.1:
        out["init_bias"] = named(rng, run, INITS, rng.choice(BIAS_INITS))
    return out


def last_activation(rng, loss):
    if loss["name"] == "poisson_nll" and not loss.get("log_input", True):
        return rng.choice(("softplus", "sigmoid"))
    return rng.choice([name for name in LOSSES[loss["name"]].last if name in ACTIVATIONS])


def draw_optimizer(rng, run):
    optimizer = named(rng, run, OPTIMIZERS, rng.choice(list(OPTIMIZERS)))
    # A default learning rate is small for a short run, and then nothing else matters much.
    if "lr" not in optimizer and rng.random() < 0.7:
        optimizer["lr"] = OPTIMIZERS[optimizer["name"]].settings["lr"].draw(rng, run)
    if optimizer.get("nesterov") and rng.random() < 0.8:
        optimizer |= {"momentum": 0.8}
        optimizer.pop("dampening", None)
    return optimizer


def draw_targets(rng, wants, loss, rows, outputs):
    """Targets that fit the loss."""
    as_shares = wants.endswith("distributions") and "ignore_index" not in loss and rng.random() < 0.3
    if wants.startswith("classes") and not as_shares:
        labels = list(range(outputs)) + [rng.randrange(outputs) for _ in range(rows - outputs)]
        rng.shuffle(labels)
        ignored = loss.get("ignore_index")
        if ignored is not None:
            if ignored < 0:
                for i in rng.sample(range(rows), rows // 3):
                    # Every class stays: as many different numbers as outputs would be names of classes.
                    labels[i] = ignored if labels.count(labels[i]) > 1 else labels[i]
            return [[label] for label in labels]
        names = rng.choice((["d", "a", "c", "b"][:outputs], [7, 3, 10, 5][:outputs], range(outputs), [0, 0, 2, 3]))
        return [[names[label]] for label in labels]
    if "distributions" in wants:
        cuts = [sorted(rng.choices(range(1, 1000), k=outputs - 1)) for _ in range(rows)]
        shares = [[(b - a) / 1000 for a, b in zip([0] + cut, cut + [1000])] for cut in cuts]
        if loss.get("log_target"):
            return [[math.log((share + 0.01) / (1 + 0.01 * outputs)) for share in row] for row in shares]
        return shares
    if wants == "shares" and outputs == 1 and rng.random() < 0.2:
        words = ["yes", "no"] + [rng.choice(("yes", "no")) for _ in range(rows - 2)]
        return [[word] for word in words]
    unit = rng.random() < 0.5
    one = {
        "numbers": lambda: round(rng.uniform(-1.5, 1.5), 3),
        "shares": lambda: float(rng.randrange(2)) if unit else round(rng.random(), 3),
        "signs": lambda: rng.choice((-1, 1)),
        "counts": lambda: rng.randrange(7),
    }[wants]
    return [[one() for _ in range(outputs)] for _ in range(rows)]


def parts_of(experiment):
    """Every method and nameless table of an experiment: kind, name, settings."""
    named_ones = [(kind, experiment[kind]) for kind in ("loss", "optimizer", "schedule", "clip", "batch") if kind in experiment]
    for place in [experiment, *experiment["network"]["layers"]]:
        named_ones += [(key.removesuffix("_bias"), place[key]) for key in ("activation", "init", "init_bias") if key in place]
        yield from (("part", key, place[key]) for key in PARTS if key in place)
    named_ones += [("schedule", inner) for inner in experiment.get("schedule", {}).get("schedules", [])]
    yield from ((kind, method["name"], method) for kind, method in named_ones)


def features(experiment):
    """What an experiment consists of, such as `optimizer.sgd` and `optimizer.sgd.momentum`."""
    found = {f"dtype.{experiment['dtype']}", *(f"seed.{key}" for key in experiment["seed"])}
    found |= {f"data.{key}" for key in experiment["data"] if key == "standardize"}
    found |= {f"layer.{key}" for layer in experiment["network"]["layers"] for key in ("bias", "dropout") if key in layer}
    for kind, name, settings in parts_of(experiment):
        found |= {f"{kind}.{name}"} | {f"{kind}.{name}.{key}" for key in settings if key in TABLES[kind][name].settings}
    return found


def all_features():
    """Dropout, every method and every setting of the tables."""
    yield "layer.dropout"
    for kind, table in TABLES.items():
        for name in table:
            yield from (f"{kind}.{name}", *(f"{kind}.{name}.{key}" for key in table[name].settings))


def is_in(only, feature):
    return f".{only}." in f".{feature}."


def put_edge(rng, experiment):
    """Puts one setting at an edge; its name."""
    places = [(f"{kind}.{name}.{key}", settings, key, edge) for kind, name, settings in parts_of(experiment)
              for key, setting in TABLES[kind][name].settings.items() for edge in setting.edges]
    if not places:
        return ""
    feature, settings, key, edge = rng.choice(places)
    settings[key] = edge
    return feature


def steps_of(batch, rows):
    """Steps an epoch."""
    size = batch.get("size", 1)
    if batch["name"] == "full":
        return 1
    if batch["name"] == "with_replacement" and batch.get("steps"):
        return batch["steps"]
    return -(-len(batch.get("samples", range(rows))) // size)


def fewest(batch, rows, seed, epochs):
    """The fewest different samples of a step. Batch normalisation makes nothing but roundings of equal ones."""
    size, listed = batch.get("size", 1), list(batch.get("samples", range(rows)))
    steps = [listed[i:i + size] for i in range(0, len(listed), size)]
    if batch["name"] == "with_replacement":
        drawn = np.random.RandomState(seed)
        steps = [drawn.randint(rows, size=size) for _ in range(epochs * steps_of(batch, rows))]
    return rows if batch["name"] == "full" else min(len(set(step)) for step in steps)


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def toml_file(experiment):
    """One line for each top-level field, and for each layer."""
    layers = "".join(f"\n    {toml(layer)}," for layer in experiment["network"]["layers"])
    texts = {key: toml(value) for key, value in experiment.items()} | {"network": f"{{ layers = [{layers}\n] }}"}
    return "".join(f"{key} = {text}\n" for key, text in texts.items())


def csv_file(case):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"x{i}" for i in range(len(case.inputs[0]))] + case.experiment["data"]["targets"])
    writer.writerows(x + y for x, y in zip(case.inputs, case.targets))
    return text.getvalue()


def describe(case):
    """A case in one line."""
    def short(method):
        settings = ", ".join(f"{key}={value}" for key, value in method.items() if key not in ("name", "path", "targets"))
        return method.get("name", "") + (f"({settings})" if settings else "")

    e = case.experiment
    layers = [" ".join([str(layer["out_features"]), *(["batch_norm"] if "batch_norm" in layer else []),
                        short(layer.get("activation", {"name": "identity"})),
                        *([f"dropout {layer['dropout']}"] if "dropout" in layer else [])]) for layer in e["network"]["layers"]]
    kinds = ("loss", "optimizer", "schedule", "clip", "batch", "init", "init_bias", "regularization", "split")
    parts = [f"{kind} {short(e[kind])}" for kind in kinds if kind in e] + [f"edge {case.edge}"] * bool(case.edge)
    return "; ".join([e["dtype"], f"{len(case.inputs[0])} inputs, {', '.join(layers)}", *parts])


# Training ---------------------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    losses: list = []
    rates: list = []  # learning rates
    after: float | None = None  # the loss of all samples after training, in evaluation mode
    diverged: bool = False
    refused: str = ""
    crashed: str = ""


def train_torch(case, disturbance=None):
    """Trains in PyTorch, maybe with every number disturbed by an ULP; `disturbance` is a seed."""
    try:
        return train_torch_or_raise(case, disturbance)
    except REFUSALS as error:
        return Run(refused=f"{type(error).__name__}: {error}".splitlines()[0])


def train_torch_or_raise(case, disturbance):
    e = case.experiment
    dtype = DTYPES[e["dtype"]]
    x, y = samples(case, dtype)
    model = network(e, x.shape[1], dtype)
    disturb_gradients = (lambda: None) if disturbance is None else disturb(model, disturbance)
    weights = [module.weight for module in model if isinstance(module, nn.Linear)]
    tensors = {key: torch.tensor(value, dtype=dtype) for key, value in e["loss"].items() if key in ("weight", "pos_weight")}
    criterion = make(LOSSES[e["loss"]["name"]], e["loss"] | tensors)
    lists = {key: tuple(value) for key, value in e["optimizer"].items() if isinstance(value, list)}
    optimizer = make(OPTIMIZERS[e["optimizer"]["name"]], e["optimizer"] | lists, model.parameters())
    per, schedule = "", None
    if "schedule" in e:
        per, schedule = SCHEDULES[e["schedule"]["name"]].wants or "epoch", schedule_of(e["schedule"], optimizer)

    losses, rates = [], []
    np.random.seed(e["seed"]["numpy"])
    for _ in range(e["stop"]["epochs"]):
        total = steps = 0
        for rows in batches(e["batch"], len(x)):
            rate = float(optimizer.param_groups[0]["lr"])
            loss = criterion(model(x[rows]), y[rows])
            for name, size in e.get("regularization", {}).items():
                loss = loss + size * sum((w.abs() if name == "l1" else w * w).sum() for w in weights)
            if not math.isfinite(loss.item()):
                return Run(losses, rates, diverged=True)
            optimizer.zero_grad()
            loss.backward()
            disturb_gradients()
            if "clip" in e:
                make(CLIPS[e["clip"]["name"]], e["clip"], model.parameters())
            optimizer.step()
            if not all(p.isfinite().all() for p in model.parameters()):
                return Run(losses, rates, diverged=True)
            losses.append(loss.item())
            rates.append(rate)
            total, steps = total + loss.item(), steps + 1
            if per == "step":
                schedule.step()
        mean = total / steps
        if per == "epoch":
            schedule.step()
        elif per == "loss":
            schedule.step(mean)
        if mean < e["stop"].get("loss_below", -math.inf):
            break
    model.eval()
    after = None if "regularization" in e else criterion(model(x), y).item()
    return Run(losses, rates, after)


def samples(case, dtype):
    """The training samples."""
    e = case.experiment
    x, labels, wants = np.array(case.inputs), [row[0] for row in case.targets], LOSSES[e["loss"]["name"]].wants
    if isinstance(labels[0], str) or (wants.startswith("classes") and len(case.targets[0]) == 1):
        classes = sorted(set(labels))
        # As many different ones as outputs are the names of classes, in their order; others are indices.
        named = wants == "shares" or len(classes) == e["network"]["layers"][-1]["out_features"]
        y = torch.tensor([classes.index(label) for label in labels] if named else labels)
        y = y[:, None].to(dtype) if wants == "shares" else y
    else:
        y = torch.tensor(case.targets, dtype=dtype)
    if "split" in e:
        order = np.random.RandomState(e["split"].get("seed", 0)).permutation(len(x))[math.ceil(e["split"]["test"] * len(x)):]
        x, y = x[order], y[torch.tensor(order)]
    if e["data"].get("standardize"):
        std = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(std == 0, 1, std)
    return torch.tensor(x, dtype=dtype), y


def network(e, inputs, dtype):
    """Layers in their order, then their parameters drawn in that order."""
    modules = []
    for config in e["network"]["layers"]:
        modules.append(nn.Linear(inputs, config["out_features"], bias=config.get("bias", True), dtype=dtype))
        inputs = config["out_features"]
        if "batch_norm" in config:
            modules.append(make(PARTS["batch_norm"], config["batch_norm"], inputs).to(dtype))
        activation = config.get("activation", {"name": "identity"})
        modules.append(make(ACTIVATIONS[activation["name"]], activation).to(dtype))
        if activation["name"] == "prelu" and "init" in activation:
            # It was made in float32, and would start from a rounded slope.
            nn.init.constant_(modules[-1].weight, activation["init"])
        if "dropout" in config:
            modules.append(nn.Dropout(config["dropout"]))
    torch.manual_seed(e["seed"]["torch"])
    torch.rand(e["seed"].get("discard", 0))
    for linear, config in zip([m for m in modules if isinstance(m, nn.Linear)], e["network"]["layers"]):
        for key, tensor in (("init", linear.weight), ("init_bias", linear.bias)):
            init = config.get(key, e.get(key, {"name": "default"}))
            if tensor is not None and init["name"] == "default":
                # What nn.Linear does by itself.
                nn.init.uniform_(tensor, -linear.in_features ** -0.5, linear.in_features ** -0.5)
            elif tensor is not None:
                make(INITS[init["name"]], init, tensor)
    return nn.Sequential(*modules)


def disturb(model, seed):
    """Moves every start weight, and in every step every output of a module, by an ULP; returns what does it to gradients."""
    own = torch.Generator().manual_seed(seed)  # the global stream goes on with the order of samples

    def ulps(tensor):
        return ((torch.rand(tensor.shape, generator=own) < 0.5) * 2 - 1) * torch.finfo(tensor.dtype).eps

    def disturb_output(module, inputs, output):
        if isinstance(module, nn.BatchNorm1d):
            # The difference from the mean is rounded by an ULP of what it is a difference of.
            deviation = (inputs[0].var(0, correction=0) + module.eps).sqrt()
            output = output + ulps(output) * (inputs[0] / deviation).detach()
        return output * (1 + ulps(output))

    @torch.no_grad()
    def disturb_gradients():
        largest = max(p.grad.abs().max() for p in model.parameters())
        for p in model.parameters():
            p.grad += ulps(p) * largest

    with torch.no_grad():
        for p in model.parameters():
            p *= 1 + ulps(p)
    for module in model:
        module.register_forward_hook(disturb_output)
    return disturb_gradients


def batches(batch, rows):
    """The samples of each step of an epoch."""
    size = batch.get("size", 1)
    if batch["name"] == "with_replacement":
        return [np.random.randint(rows, size=size) for _ in range(steps_of(batch, rows))]
    if batch["name"] == "full":
        return [slice(None)]
    return DataLoader(batch.get("samples", range(rows)), batch_size=size, shuffle=batch["name"] == "shuffle")


def train_neuronlab(case, program, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.csv").write_text(csv_file(case))
    (folder / "case.toml").write_text(toml_file(case.experiment))
    command = [program, "train", folder / "case.toml", "--out", folder / "out", "--json", "--force"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1, 2):
        return Run(crashed=" ".join(done.stderr.splitlines()[:2]) or f"exit code {done.returncode}")
    if not done.stdout:
        return Run(refused=(done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0])
    report = json.loads(done.stdout)
    with open(folder / "out" / "history.csv") as file:
        rows = list(csv.DictReader(file))
    rates = [float(row["lr"]) for row in rows if "lr" in row]
    after = None if report["diverged"] or "regularization" in case.experiment else report["training"]["loss"]
    return Run([float(row["loss"]) for row in rows], rates, after, report["diverged"])


# Comparison -------------------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    kind: str  # same, mismatch, refused, departure, diverged
    why: str = ""
    compared: int = 0
    left_out: int = 0


def numbers_of(run):
    return run.losses + ([] if run.after is None else [run.after])


def sizes_of(reference):
    """What a difference of each loss is relative to."""
    losses = [abs(loss) for loss in numbers_of(reference)]
    return [max(loss, 0.01 * max(losses), 1e-4) for loss in losses]


def allowances(case, reference):
    """How far from the reference each loss may be, by what roundings do to PyTorch's own runs; infinite where it diverges."""
    expected, spread, allowed = numbers_of(reference), 0.0, []
    others = [numbers_of(train_torch(case, seed)) for seed in range(DISTURBED)]
    for step, size in enumerate(sizes_of(reference)):
        for other in others:
            spread = max(spread, abs(other[step] - expected[step]) if step < len(other) else math.inf)
        allowed.append(FLOOR[case.experiment["dtype"]] * size + FACTOR * spread)
    return allowed + [math.inf] * (max(map(len, others)) - len(expected))


def compare(case, reference, found):
    """Whether a run is the reference run."""
    if found.crashed:
        return Verdict("mismatch", found.crashed)
    if reference.refused or found.refused:
        who = f"PyTorch: {reference.refused or 'trains'}; neuronlab: {found.refused or 'trains'}"
        if reference.refused and found.refused:
            return Verdict("refused", who)
        departs = reference.refused in ACCIDENTS or found.refused and case.edge in DEPARTURES
        return Verdict("departure" if departs else "mismatch", who)
    expected, got, sizes = numbers_of(reference), numbers_of(found), sizes_of(reference)
    allowed = [FLOOR[case.experiment["dtype"]] * size for size in sizes]

    def differs(i):
        return i >= min(len(expected), len(got)) or not abs(got[i] - expected[i]) <= allowed[i]

    def at(losses, i):
        return repr(losses[i]) if i < len(losses) else "no more"

    steps = range(max(len(expected), len(got)))
    if any(map(differs, steps)):
        allowed = allowances(case, reference)
    # Beyond the reference's end, an allowance is infinite where a disturbed run goes on.
    useless = (i for i, allowance in enumerate(allowed) if i >= len(sizes) or allowance > USELESS * sizes[i])
    steps = range(next(useless, len(steps)))
    for i in filter(differs, steps):
        place = f"step {i}" if i < len(reference.losses) else "the loss after training"
        limit = f"{allowed[i]:.1e}" if i < len(allowed) else "nothing"
        return Verdict("mismatch", f"{place}: PyTorch {at(expected, i)}, neuronlab {at(got, i)}, allowed {limit}")
    # A schedule computes in float64, but may be shown in the precision of the run.
    limit = max(reference.rates, default=0) * (1e-12 if case.experiment["dtype"] == "float64" else 1e-6)
    for i, (rate, other) in enumerate(zip(reference.rates, found.rates)):
        if not abs(rate - other) <= limit and i in steps:
            return Verdict("mismatch", f"step {i}: learning rate {rate!r} in PyTorch, {other!r} in neuronlab")
    return Verdict("diverged" if reference.diverged else "same", "", len(steps), max(len(expected) - len(steps), 0))


# Commands ---------------------------------------------------------------------------------------------------------------


def matches(case, only):
    return not only or any(is_in(only, feature) for feature in features(case.experiment))


def check(number, args):
    """Draws and compares one case; the folder of its files is kept where there is a mismatch, or all are."""
    case = draw_case(number, args.seed, args.dtypes)
    folder = args.folder / f"{number}"
    verdict = compare(case, train_torch(case), train_neuronlab(case, args.program, folder))
    if not args.keep and verdict.kind != "mismatch":
        shutil.rmtree(folder)
    return case, verdict, folder / "case.toml"


def run_cases(args):
    chosen = (i for i in range(args.start, sys.maxsize) if matches(draw_case(i, args.seed, args.dtypes), args.only))
    numbers = [next(chosen) for _ in range(args.cases)]
    counts = collections.Counter()
    with multiprocessing.Pool(args.jobs) as pool:
        for case, verdict, path in pool.imap(functools.partial(check, args=args), numbers, chunksize=8):
            counts[verdict.kind] += 1
            counts["compared"] += verdict.compared
            counts["left out"] += verdict.left_out
            if verdict.kind == "mismatch":
                print(f"case {case.number}: {describe(case)}\n  {verdict.why}\n  {path}", flush=True)
    if not args.keep and not counts["mismatch"]:
        shutil.rmtree(args.folder)
    if args.unknown:
        print("not known to the program: " + ", ".join(args.unknown))
    print(f"{args.cases} cases, {counts['mismatch']} mismatches, {counts['same']} the same, {counts['diverged']} diverged in "
          f"both, {counts['refused']} refused by both, {counts['departure']} documented departures; {counts['compared']} steps "
          f"compared, {counts['left out']} left out as chaotic")
    return 1 if counts["mismatch"] else 0


def self_test(args, enough=3, tries=40):
    """Changes one setting at a time in a PyTorch run, and counts how often the comparison notices."""
    settings = [feature for feature in all_features() if feature.count(".") == 2]
    settings = [feature for feature in settings if not args.only or is_in(args.only, feature)]
    seen, noticed, number = collections.Counter(), collections.Counter(), args.start
    open_ones = set(settings)
    while number < args.start + 100_000 and open_ones:
        case = draw_case(number, args.seed, args.dtypes)
        number += 1
        wanted = open_ones & features(case.experiment)
        if not wanted or case.edge or (reference := train_torch(case)).refused:
            continue
        for feature in wanted:
            if (changed := train_torch(mutated(case, feature))).refused:
                continue
            seen[feature] += 1
            noticed[feature] += compare(case, reference, changed).kind == "mismatch"
            if noticed[feature] >= enough or seen[feature] >= tries:
                open_ones.remove(feature)
    for feature in settings:
        remark = "" if noticed[feature] else "  " + UNSEEN.get(feature, "NEVER NOTICED")
        print(f"{feature}: {noticed[feature]} of {seen[feature]}{remark}")
    missed = [feature for feature in settings if not noticed[feature] and feature not in UNSEEN]
    print(f"{len(settings)} settings, {len(missed)} of them changed without being noticed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def mutated(case, feature):
    """The case with another value of a setting, or without it."""
    rng = random.Random(f"{feature} {case.number}")
    experiment = json.loads(json.dumps(case.experiment))
    kind, name, key = feature.split(".")
    settings = next(s for k, n, s in parts_of(experiment) if (k, n) == (kind, name) and key in s)
    setting, old = TABLES[kind][name].settings[key], settings[key]
    outputs, epochs = experiment["network"]["layers"][-1]["out_features"], experiment["stop"]["epochs"]
    width = next((layer["out_features"] for layer in experiment["network"]["layers"] if layer.get("activation") is settings), 1)
    run = Sizes(outputs, epochs, epochs * steps_of(experiment["batch"], len(case.inputs)), 1, width)
    if setting.share < 1 and rng.random() < 0.4:
        del settings[key]
    else:
        # Of a layer of one neuron there is but one number of slopes.
        values = (setting.draw(rng, run) for _ in range(1000))
        settings[key] = next((value for value in values if value != old), old)
    return case._replace(experiment=experiment)


def golden(args, least=3):
    """Cases that hold every setting a few times, each with PyTorch's losses and how far others may be from them."""
    counts, cases = collections.Counter(), []
    every, number = set(all_features()), args.start
    while len(cases) < args.golden:
        case = draw_case(number, args.seed, args.dtypes)
        number += 1
        held = features(case.experiment)
        rare = [feature for feature in held & every if counts[feature] < least]
        complete = number > 50 * args.golden or all(counts[feature] >= least for feature in every)
        if case.edge or not (rare or complete):
            continue
        reference = train_torch(case)
        if reference.refused or reference.diverged or not 8 <= len(reference.losses) <= 24:
            continue
        tolerance = max(a / size for a, size in zip(allowances(case, reference), sizes_of(reference)))
        if tolerance > 20 * FLOOR[case.experiment["dtype"]]:
            continue
        counts.update(held)
        cases.append(golden_case(case, reference, tolerance))
    head = {"source": f"scripts/torch_differential.py --golden {args.golden} --seed {args.seed}",
            "torch": torch.__version__, "numpy": np.__version__, "seed": args.seed,
            "rule": "a loss differs by at most tolerance * max(|loss|, largest |loss| / 100, 0.0001)"}
    print("{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()) + ',\n"cases": [')
    print(",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]}")
    thin = sorted(feature for feature in every if counts[feature] < least)
    print("held fewer than", least, "times:", ", ".join(thin) or "nothing", file=sys.stderr)
    return 0


def golden_case(case, reference, tolerance):
    """Losses with as many digits as their precision has."""
    def short(value):
        return float(str(np.float32(value))) if case.experiment["dtype"] == "float32" else value

    return {"number": case.number, "what": describe(case), "toml": toml_file(case.experiment), "csv": csv_file(case),
            "tolerance": float(f"{tolerance:.2g}"), "losses": [short(loss) for loss in reference.losses],
            "rates": [float(f"{rate:.12g}") for rate in reference.rates] if "schedule" in case.experiment else None,
            "after": reference.after if reference.after is None else short(reference.after)}


def leave_out_unknown(program):
    """Takes out of the tables what the program does not know; their names."""
    schema = json.loads(subprocess.run([program, "experiment", "--schema"], capture_output=True, check=True).stdout)
    types, unknown = schema["$defs"], []
    for kind, table in TABLES.items():
        if kind == "part":
            known = {name: part.settings for name, part in PARTS.items()}
            if "regularization" not in schema["properties"]:
                del known["regularization"]
        else:
            shapes = [shape["properties"] for shape in types[kind.capitalize()]["oneOf"] if "properties" in shape]
            known = {shape["name"]["const"]: shape for shape in shapes}
        for name in list(table):
            if name not in known:
                unknown.append(name)
                del table[name]
            else:
                for key in [key for key in table[name].settings if key not in known[name]]:
                    unknown.append(f"{name}.{key}")
                    del table[name].settings[key]
                if known[name].get("pos_weight", {}).get("type") == "number":
                    unknown.append(f"{name}.pos_weight as a list")
                    table[name].settings["pos_weight"] = number(0.2, 4, 0.0, -1.0)
    return unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="how many [default: 1000]")
    parser.add_argument("--seed", type=int, default=1, help="of the cases [default: 1]")
    parser.add_argument("--start", type=int, default=0, help="number of the first case [default: 0]")
    parser.add_argument("--program", default="target/release/neuronlab", help="[default: target/release/neuronlab]")
    parser.add_argument("--dtype", choices=[*DTYPES, "both"], default="both")
    parser.add_argument("--only", metavar="FEATURE", help="cases with it, such as sgd, sgd.dampening, batch_norm, clip.norm")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="where the files of the cases stay")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes [default: one for each core]")
    parser.add_argument("--self-test", action="store_true", help="whether a changed setting is noticed")
    parser.add_argument("--golden", type=int, metavar="N", help="print N cases as JSON for `cargo test`")
    args = parser.parse_args()
    if args.only and not any(is_in(args.only, feature) for feature in all_features()):
        parser.error(f"no method or setting is called {args.only}")
    args.dtypes = tuple(DTYPES) if args.dtype == "both" else (args.dtype,)
    if args.self_test:
        return self_test(args)
    args.program = pathlib.Path(args.program).resolve()
    if not args.program.exists():
        parser.error(f"there is no {args.program}: build it with `cargo build --release`, or say --program")
    args.unknown = leave_out_unknown(args.program)
    if args.golden:
        return golden(args)
    args.folder = args.keep or pathlib.Path(tempfile.mkdtemp(prefix="torch_differential."))
    return run_cases(args)


if __name__ == "__main__":
    sys.exit(main())
