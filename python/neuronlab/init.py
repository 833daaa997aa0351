"""Initialisers, ``torch.nn.init``: each draws a parameter's numbers anew, PyTorch's numbers from PyTorch's seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neuronlab import _random
from neuronlab._toml import literal
from neuronlab._values import Parameter, ParameterData


def _draw(tensor: Parameter | ParameterData, scheme: dict[str, Any]) -> Parameter:
    parameter = tensor._parameter if isinstance(tensor, ParameterData) else tensor
    if not isinstance(parameter, Parameter):
        raise TypeError(f"expected a parameter of a layer, such as layer.weight, got {type(tensor).__name__}")
    double = parameter.dtype == np.float64
    values = _random.default_generator._stream.fill(literal(scheme, "init"), list(parameter.shape), None, double)
    parameter.set(values.reshape(parameter.shape))
    return parameter


def normal_(tensor: Parameter, mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Draw from N(mean, std²)."""
    return _draw(tensor, {"name": "normal", "mean": mean, "std": std})


def uniform_(tensor: Parameter, a: float = 0.0, b: float = 1.0) -> Parameter:
    """Draw evenly between a and b."""
    return _draw(tensor, {"name": "uniform", "low": a, "high": b})


def trunc_normal_(tensor: Parameter, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> Parameter:
    """Draw from N(mean, std²), cut off at a and b."""
    return _draw(tensor, {"name": "trunc_normal", "mean": mean, "std": std, "a": a, "b": b})


def xavier_uniform_(tensor: Parameter, gain: float = 1.0) -> Parameter:
    """Glorot and Bengio (2010): evenly, with the variance gain²·2/(fan_in + fan_out)."""
    return _draw(tensor, {"name": "xavier_uniform", "gain": gain})


def xavier_normal_(tensor: Parameter, gain: float = 1.0) -> Parameter:
    """Glorot and Bengio (2010): normally, with the variance gain²·2/(fan_in + fan_out)."""
    return _draw(tensor, {"name": "xavier_normal", "gain": gain})


def kaiming_uniform_(tensor: Parameter, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Parameter:
    """He et al. (2015): evenly, with the variance gain²/fan."""
    return _draw(tensor, {"name": "kaiming_uniform", "a": a, "mode": mode, "nonlinearity": nonlinearity})


def kaiming_normal_(tensor: Parameter, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Parameter:
    """He et al. (2015): normally, with the variance gain²/fan."""
    return _draw(tensor, {"name": "kaiming_normal", "a": a, "mode": mode, "nonlinearity": nonlinearity})


def orthogonal_(tensor: Parameter, gain: float = 1.0) -> Parameter:
    """Saxe et al. (2014): rows or columns at right angles."""
    return _draw(tensor, {"name": "orthogonal", "gain": gain})


def zeros_(tensor: Parameter) -> Parameter:
    """All 0: every hidden neuron of a layer then does the same for ever."""
    return _draw(tensor, {"name": "zeros"})


def ones_(tensor: Parameter) -> Parameter:
    """All 1."""
    return _draw(tensor, {"name": "ones"})


def constant_(tensor: Parameter, val: float) -> Parameter:
    """All the same."""
    return _draw(tensor, {"name": "constant", "value": val})


def given_(tensor: Parameter, values: ArrayLike) -> Parameter:
    """Numbers of your own, of the parameter's shape."""
    tensor.set(values)
    return tensor
