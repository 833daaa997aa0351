"""Activations: what a neuron does with its weighted sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronlab._arrays import is_double
from neuronlab._values import Parameter
from neuronlab.nn.layers import Layer


class Activation(Layer):
    """What a neuron does with its weighted sum z.

    Parameters
    ----------
    **settings
        Of the activation, under PyTorch's names.
    """

    _name = ""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self._settings = settings

    def _document(self) -> dict[str, Any]:
        return {"name": self._name, **self._settings}

    def extra_repr(self) -> str:
        return ", ".join(f"{key}={value!r}" for key, value in self._settings.items())


class Tanh(Activation):
    """tanh z, ``torch.nn.Tanh``"""

    _name = "tanh"

    def __init__(self) -> None:
        super().__init__()


class Sigmoid(Activation):
    """1/(1 + e^−z), ``torch.nn.Sigmoid``"""

    _name = "sigmoid"

    def __init__(self) -> None:
        super().__init__()


class ReLU(Activation):
    """max(0, z), ``torch.nn.ReLU``; its slope at 0 is 0"""

    _name = "relu"

    def __init__(self) -> None:
        super().__init__()


class ReLU6(Activation):
    """min(max(0, z), 6), ``torch.nn.ReLU6``"""

    _name = "relu6"

    def __init__(self) -> None:
        super().__init__()


class LeakyReLU(Activation):
    """z above 0, negative_slope·z below, ``torch.nn.LeakyReLU``; Maas et al. (2013).

    Parameters
    ----------
    negative_slope
        The slope below 0.
    """

    _name = "leaky_relu"

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__(negative_slope=float(negative_slope))


class PReLU(Activation):
    """z above 0, w·z below, with learned slopes w, ``torch.nn.PReLU``; He et al. (2015).

    Parameters
    ----------
    num_parameters
        1: one slope for all neurons; as many as there are neurons: one each.
    init
        The slopes before training.
    dtype
        ``float32`` (by default) or ``float64``.
    """

    _name = "prelu"

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: Any = None) -> None:
        super().__init__(num_parameters=num_parameters, init=float(init))
        kind = np.float64 if is_double(dtype) else np.float32
        self.weight = Parameter(np.full(num_parameters, init, kind))


class ELU(Activation):
    """z above 0, alpha·(e^z − 1) below, ``torch.nn.ELU``; Clevert et al. (2016).

    Parameters
    ----------
    alpha
        Minus the limit far below 0.
    """

    _name = "elu"

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(alpha=float(alpha))


class CELU(Activation):
    """z above 0, alpha·(e^(z/alpha) − 1) below, ``torch.nn.CELU``; Barron (2017).

    Parameters
    ----------
    alpha
        Minus the limit far below 0.
    """

    _name = "celu"

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(alpha=float(alpha))


class SELU(Activation):
    """1.0507·z above 0, 1.0507·1.6733·(e^z − 1) below, ``torch.nn.SELU``; Klambauer et al. (2017)"""

    _name = "selu"

    def __init__(self) -> None:
        super().__init__()


class GELU(Activation):
    """z·Φ(z), ``torch.nn.GELU``; Hendrycks and Gimpel (2016). Φ is the distribution function of N(0, 1).

    Parameters
    ----------
    approximate
        ``"none"``, or ``"tanh"``: z/2·(1 + tanh(√(2/π)·(z + 0.044715·z³))).
    """

    _name = "gelu"

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class SiLU(Activation):
    """z/(1 + e^−z), ``torch.nn.SiLU``; Elfwing et al. (2018)"""

    _name = "silu"

    def __init__(self) -> None:
        super().__init__()


class Mish(Activation):
    """z·tanh(ln(1 + e^z)), ``torch.nn.Mish``; Misra (2020)"""

    _name = "mish"

    def __init__(self) -> None:
        super().__init__()


class Softplus(Activation):
    """ln(1 + e^(beta·z))/beta, ``torch.nn.Softplus``; Dugas et al. (2001).

    Parameters
    ----------
    beta
        How sharp the bend at 0 is.
    threshold
        Where beta·z is above it, z itself.
    """

    _name = "softplus"

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(beta=float(beta), threshold=float(threshold))


class Softsign(Activation):
    """z/(1 + |z|), ``torch.nn.Softsign``"""

    _name = "softsign"

    def __init__(self) -> None:
        super().__init__()


class Hardtanh(Activation):
    """z, but at least min_val and at most max_val, ``torch.nn.Hardtanh``.

    Parameters
    ----------
    min_val, max_val
        The ends.
    """

    _name = "hardtanh"

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__(min_val=float(min_val), max_val=float(max_val))


class Hardswish(Activation):
    """z·min(max(0, z + 3), 6)/6, ``torch.nn.Hardswish``; Howard et al. (2019)"""

    _name = "hardswish"

    def __init__(self) -> None:
        super().__init__()


class Hardsigmoid(Activation):
    """min(max(0, z + 3), 6)/6, ``torch.nn.Hardsigmoid``"""

    _name = "hardsigmoid"

    def __init__(self) -> None:
        super().__init__()


class Tanhshrink(Activation):
    """z − tanh z, ``torch.nn.Tanhshrink``"""

    _name = "tanhshrink"

    def __init__(self) -> None:
        super().__init__()


class Softshrink(Activation):
    """z − lambd above lambd, z + lambd below −lambd, 0 between, ``torch.nn.Softshrink``.

    Parameters
    ----------
    lambd
        How far 0 reaches.
    """

    _name = "softshrink"

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(lambd=float(lambd))


class Hardshrink(Activation):
    """z above lambd and below −lambd, 0 between, ``torch.nn.Hardshrink``.

    Parameters
    ----------
    lambd
        How far 0 reaches.
    """

    _name = "hardshrink"

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(lambd=float(lambd))


class LogSigmoid(Activation):
    """−ln(1 + e^−z), ``torch.nn.LogSigmoid``"""

    _name = "log_sigmoid"

    def __init__(self) -> None:
        super().__init__()


class Softmax(Activation):
    """e^z over the sum of e^z of the row, ``torch.nn.Softmax``.

    Parameters
    ----------
    dim
        −1 or 1: over the outputs of a row.

    Raises
    ------
    ValueError
        Another dim.
    """

    _name = "softmax"

    def __init__(self, dim: int = -1) -> None:
        _last(dim)
        super().__init__()


class LogSoftmax(Activation):
    """z − ln of the sum of e^z of the row, ``torch.nn.LogSoftmax``.

    Parameters
    ----------
    dim
        −1 or 1: over the outputs of a row.

    Raises
    ------
    ValueError
        Another dim.
    """

    _name = "log_softmax"

    def __init__(self, dim: int = -1) -> None:
        _last(dim)
        super().__init__()


def _last(dim: int) -> None:
    if dim not in (-1, 1):
        raise ValueError(f"dim: expected -1 or 1, over the outputs of a row, got {dim}")
