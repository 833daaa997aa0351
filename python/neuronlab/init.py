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
    """Draw from N(mean, std²), ``torch.nn.init.normal_``.

    Parameters
    ----------
    tensor
        A parameter of any shape.
    mean, std
        Mean and standard deviation.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "normal", "mean": mean, "std": std})


def uniform_(tensor: Parameter, a: float = 0.0, b: float = 1.0) -> Parameter:
    """Draw evenly between two bounds, ``torch.nn.init.uniform_``.

    Parameters
    ----------
    tensor
        A parameter of any shape.
    a, b
        The bounds.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "uniform", "low": a, "high": b})


def trunc_normal_(tensor: Parameter, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> Parameter:
    """Draw from N(mean, std²), cut off at two bounds, ``torch.nn.init.trunc_normal_``.

    Parameters
    ----------
    tensor
        A parameter of any shape.
    mean, std
        Mean and standard deviation, before the cut.
    a, b
        The bounds.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "trunc_normal", "mean": mean, "std": std, "a": a, "b": b})


def xavier_uniform_(tensor: Parameter, gain: float = 1.0) -> Parameter:
    """Evenly, with the variance gain²·2/(fan_in + fan_out), ``torch.nn.init.xavier_uniform_``; Glorot and Bengio (2010).

    Parameters
    ----------
    tensor
        A weight ``[fan_out, fan_in]``.
    gain
        A factor.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "xavier_uniform", "gain": gain})


def xavier_normal_(tensor: Parameter, gain: float = 1.0) -> Parameter:
    """Normally, with the variance gain²·2/(fan_in + fan_out), ``torch.nn.init.xavier_normal_``; Glorot and Bengio (2010).

    Parameters
    ----------
    tensor
        A weight ``[fan_out, fan_in]``.
    gain
        A factor.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "xavier_normal", "gain": gain})


def kaiming_uniform_(tensor: Parameter, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Parameter:
    """Evenly, with the variance gain²/fan, ``torch.nn.init.kaiming_uniform_``; He et al. (2015).

    Parameters
    ----------
    tensor
        A weight ``[fan_out, fan_in]``.
    a
        The slope below 0 of the leaky ReLU behind it; gain = √(2/(1 + a²)).
    mode
        Which fan: ``"fan_in"`` or ``"fan_out"``.
    nonlinearity
        The activation behind it, which says the gain.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "kaiming_uniform", "a": a, "mode": mode, "nonlinearity": nonlinearity})


def kaiming_normal_(tensor: Parameter, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Parameter:
    """Normally, with the variance gain²/fan, ``torch.nn.init.kaiming_normal_``; He et al. (2015).

    Parameters
    ----------
    tensor
        A weight ``[fan_out, fan_in]``.
    a
        The slope below 0 of the leaky ReLU behind it; gain = √(2/(1 + a²)).
    mode
        Which fan: ``"fan_in"`` or ``"fan_out"``.
    nonlinearity
        The activation behind it, which says the gain.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "kaiming_normal", "a": a, "mode": mode, "nonlinearity": nonlinearity})


def orthogonal_(tensor: Parameter, gain: float = 1.0) -> Parameter:
    """Rows or columns at right angles, ``torch.nn.init.orthogonal_``; Saxe et al. (2014).

    Parameters
    ----------
    tensor
        A weight ``[fan_out, fan_in]``.
    gain
        The length of each row (or column, if there are more rows).

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "orthogonal", "gain": gain})


def zeros_(tensor: Parameter) -> Parameter:
    """All 0, ``torch.nn.init.zeros_``: every hidden neuron of a layer then does the same for ever.

    Parameters
    ----------
    tensor
        A parameter of any shape.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "zeros"})


def ones_(tensor: Parameter) -> Parameter:
    """All 1, ``torch.nn.init.ones_``.

    Parameters
    ----------
    tensor
        A parameter of any shape.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "ones"})


def constant_(tensor: Parameter, val: float) -> Parameter:
    """All the same, ``torch.nn.init.constant_``.

    Parameters
    ----------
    tensor
        A parameter of any shape.
    val
        The number.

    Returns
    -------
    Parameter
        The same.
    """
    return _draw(tensor, {"name": "constant", "value": val})


def given_(tensor: Parameter, values: ArrayLike) -> Parameter:
    """Numbers of your own.

    Parameters
    ----------
    tensor
        A parameter of any shape.
    values
        Finite numbers of its shape.

    Returns
    -------
    Parameter
        The same.

    Raises
    ------
    ValueError
        Another shape; NaN or infinity.
    """
    tensor.set(values)
    return tensor
