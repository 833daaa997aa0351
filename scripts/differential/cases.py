"""Experiments that are drawn of a seed and a number alone, with their files."""

import csv
import io
import json
import math
import random
from typing import NamedTuple

import numpy as np

from differential.methods import (
    ACTIVATIONS, BATCHES, BIAS_INITS, CLIPS, INITS, LOSSES, OPTIMIZERS, PARTS, SCHEDULES, Sizes, TABLES, named,
)

DTYPES = ("float32", "float64")


class Case(NamedTuple):
    number: int
    experiment: dict
    inputs: list  # rows of numbers
    targets: list  # rows of numbers, or of one word
    edge: str  # the setting at the edge, if any


def draw_case(number, seed, dtypes=DTYPES):
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
