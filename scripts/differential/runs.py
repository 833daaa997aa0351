"""A case, trained in PyTorch and by neuronlab."""

import csv
import json
import math
import subprocess
import warnings
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from differential.cases import csv_file, steps_of, toml_file
from differential.methods import (
    ACTIVATIONS, CLIPS, INITS, LOSSES, OPTIMIZERS, OVERFLOWS, PARTS, SCHEDULES, make, schedule_of,
)

torch.set_num_threads(1)
warnings.filterwarnings("ignore")

# PyTorch's default precision stays float32: NAdam and ASGD keep numbers in that, whatever the parameters are in.
DTYPES = {"float32": torch.float32, "float64": torch.float64}
REFUSALS = (ValueError, RuntimeError, TypeError, KeyError, IndexError, ArithmeticError, AssertionError)


class Run(NamedTuple):
    losses: list = []
    rates: list = []  # learning rates
    after: float | None = None  # the loss of all samples after training, in evaluation mode
    diverged: bool = False
    overflowed: bool = False  # PyTorch's formula did, and says nothing of what comes then
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
            output = model(x[rows])
            loss = criterion(output, y[rows])
            for name, size in e.get("regularization", {}).items():
                loss = loss + size * sum((w.abs() if name == "l1" else w * w).sum() for w in weights)
            if not math.isfinite(loss.item()):
                return Run(losses, rates, diverged=True, overflowed=overflows(e, output, y[rows]))
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
    output = model(x)
    if overflows(e, output, y):
        return Run(losses, rates, overflowed=True)
    after = None if "regularization" in e else criterion(output, y).item()
    # JSON knows no number that is not finite.
    return Run(losses, rates, after if after is not None and math.isfinite(after) else None)


def overflows(e, output, target):
    """Whether an exponential of finite outputs is infinite, in PyTorch's formula of a loss that need not be."""
    exponent = OVERFLOWS.get(e["loss"]["name"])
    return exponent is not None and bool(output.isfinite().all() and exponent(output, target).exp().isinf().any())


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
        signs = (torch.rand(tensor.shape, generator=own) < 0.5) * 2 - 1
        # In float32, which is the default, 1 and an ULP of float64 would be 1.
        return signs.to(tensor.dtype) * torch.finfo(tensor.dtype).eps

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
            # What is nothing but roundings in one program may be exactly 0 in another: so in every second run.
            if seed % 2:
                p.grad[p.grad.abs() < 2 * torch.finfo(p.dtype).eps * largest] = 0

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
