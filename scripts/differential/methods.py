"""What can be drawn: every method and every setting, and what neuronlab refuses on purpose. A new method is a row in a table."""

import functools
import math
from typing import Callable, NamedTuple

from torch import nn, optim
from torch.optim import lr_scheduler


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
# Losses of which PyTorch takes an exponential that overflows, and of what; neuronlab computes the same formula without it. Such a
# run is compared up to there, and is a departure only if all is the same until then.
OVERFLOWS = {"soft_margin": lambda output, target: -target * output}

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
