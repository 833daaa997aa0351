"""From PyTorch and back: ``from_torch`` reads a module's layers and numbers, ``to_torch`` makes one."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronlab import nn
from neuronlab.nn.activations import Activation

_SETTINGS: dict[str, tuple[str, ...]] = {
    "LeakyReLU": ("negative_slope",),
    "ELU": ("alpha",),
    "CELU": ("alpha",),
    "GELU": ("approximate",),
    "Softplus": ("beta", "threshold"),
    "Hardtanh": ("min_val", "max_val"),
    "Softshrink": ("lambd",),
    "Hardshrink": ("lambd",),
}
_PLAIN = (
    "Identity", "Tanh", "Sigmoid", "ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Softsign", "Hardswish", "Hardsigmoid",
    "Tanhshrink", "LogSigmoid", "Flatten",
)  # fmt: skip


def from_torch(module: Any) -> nn.Module:
    """The same network with the same numbers, of PyTorch.

    Parameters
    ----------
    module
        A ``torch.nn.Sequential`` of layers that neuronlab has, or one layer; float32 or float64.

    Returns
    -------
    Module
        In the same mode, with copies of the numbers.

    Raises
    ------
    TypeError
        No module, or of another precision.
    ValueError
        A layer that neuronlab has not; its name is in the message.
    """
    import torch

    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"expected a torch.nn.Module, got {type(module).__name__}")
    if isinstance(module, torch.nn.Sequential):
        layers = {name: _layer(f"{name}: ", child) for name, child in module.named_children()}
        net: nn.Module = nn.Sequential(layers)
    elif next(module.children(), None) is None:
        net = _layer("", module)
    else:
        raise ValueError(
            f"{type(module).__name__}: only torch.nn.Sequential tells the order of its layers; put them into one, in order"
        )
    for name, value in module.state_dict().items():
        if value.device.type == "meta":
            raise TypeError(f"{name}: expected a tensor with numbers, got one on meta")
    state = {name: value.detach().cpu() if value.device.type != "cpu" else value for name, value in module.state_dict().items()}
    kinds = {value.dtype for name, value in state.items() if value.is_floating_point()}
    if kinds - {torch.float32, torch.float64}:
        raise TypeError(f"expected float32 or float64, got {sorted(str(kind) for kind in kinds)}")
    if kinds == {torch.float64}:
        net.double()
    net.load_state_dict(state)
    return net.train(module.training)


def _layer(place: str, layer: Any) -> nn.Module:
    name = type(layer).__name__
    if name == "Sequential":
        return nn.Sequential({key: _layer(f"{place}{key}: ", child) for key, child in layer.named_children()})
    if name == "Linear":
        return nn.Linear(layer.in_features, layer.out_features, bias=layer.bias is not None)
    if name == "BatchNorm1d":
        if not layer.track_running_stats or layer.momentum is None:
            raise ValueError(f"{place}{layer}: expected running statistics with a momentum")
        return nn.BatchNorm1d(layer.num_features, eps=layer.eps, momentum=layer.momentum, affine=layer.affine)
    if name == "Dropout":
        return nn.Dropout(layer.p)
    if name == "PReLU":
        return nn.PReLU(layer.num_parameters)
    if name in ("Softmax", "LogSoftmax"):
        made: nn.Module = getattr(nn, name)(dim=-1 if layer.dim is None else layer.dim)
        return made
    if name in _SETTINGS:
        made = getattr(nn, name)(**{setting: getattr(layer, setting) for setting in _SETTINGS[name]})
        return made
    if name == "Flatten" and layer.start_dim == 1:
        return nn.Identity()
    if name in _PLAIN and name != "Flatten":
        made = getattr(nn, name)()
        return made
    raise ValueError(f"{place}{layer}: neuronlab has no such layer")


def to_torch(net: nn.Module) -> Any:
    """The same network with the same numbers, in PyTorch.

    Parameters
    ----------
    net
        A network of neuronlab.

    Returns
    -------
    torch.nn.Sequential
        In the same mode, with copies of the numbers.
    """
    import torch

    layers = net._traced()
    made = [_torch_layer(torch, layer) for layer in layers]
    module = torch.nn.Sequential(*made)
    if any(parameter.dtype == np.float64 for parameter in net.parameters()):
        module = module.double()
    with torch.no_grad():
        for ours, theirs in zip(layers, made, strict=True):
            own = ours.state_dict()
            state = {name: torch.from_numpy(np.array(value)) for name, value in own.items()}
            state.update({name: torch.from_numpy(parameter.numpy().copy()) for name, parameter in ours.named_parameters()})
            if isinstance(ours, nn.BatchNorm1d):
                state["running_mean"] = torch.from_numpy(np.array(ours.running_mean))
                state["running_var"] = torch.from_numpy(np.array(ours.running_var))
                state["num_batches_tracked"] = theirs.num_batches_tracked
            theirs.load_state_dict(state)
    return module.train(net.training)


def _torch_layer(torch: Any, layer: nn.Module) -> Any:
    if isinstance(layer, nn.Linear):
        return torch.nn.Linear(layer.in_features, layer.out_features, bias=layer.bias is not None)
    if isinstance(layer, nn.BatchNorm1d):
        return torch.nn.BatchNorm1d(layer.num_features, eps=layer.eps, momentum=layer.momentum, affine=layer.affine)
    if isinstance(layer, nn.Dropout):
        return torch.nn.Dropout(layer.p)
    if isinstance(layer, (nn.Softmax, nn.LogSoftmax)):
        return getattr(torch.nn, type(layer).__name__)(dim=-1)
    settings = layer._settings if isinstance(layer, Activation) else {}
    return getattr(torch.nn, type(layer).__name__)(**settings)
