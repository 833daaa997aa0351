"""neuronlab: a laboratory for the very basics of neural networks.

One network under the microscope, every number of every step; and a million of them through the telescope, each of which can be
opened again, bit for bit. Names, defaults and formulas are PyTorch's, and so are the random numbers.

>>> import neuronlab as nl
>>> run = nl.Experiment("xor").train()
>>> run.steps
8004
>>> print(f"{run.losses[1]:.10f}")
0.2177433223
"""

from __future__ import annotations

from typing import Any

import numpy as _np

from neuronlab import init, lr_scheduler, nn, optim
from neuronlab._arrays import plain as _plain_numbers
from neuronlab._display import Picture
from neuronlab._neuronlab import DivergedError, NeuronlabError, __version__
from neuronlab._random import Generator, manual_seed
from neuronlab._values import LossValue, Output, Parameter
from neuronlab.experiment import Experiment, experiments
from neuronlab.nn import (
    CELU,
    ELU,
    GELU,
    SELU,
    BatchNorm1d,
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    Dropout,
    GaussianNLLLoss,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    HingeEmbeddingLoss,
    HuberLoss,
    Identity,
    KLDivLoss,
    L1Loss,
    LeakyReLU,
    Linear,
    LogSigmoid,
    LogSoftmax,
    Mish,
    Module,
    MSELoss,
    NLLLoss,
    PoissonNLLLoss,
    PReLU,
    ReLU,
    ReLU6,
    Sequential,
    Sigmoid,
    SiLU,
    SmoothL1Loss,
    SoftMarginLoss,
    Softmax,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
)  # fmt: skip
from neuronlab.nn.activations import Activation as _Activation
from neuronlab.nn.module import Trace as _Trace
from neuronlab.run import Check, History, Page, Run, open_run
from neuronlab.sweep import SweepResult, Table, linspace, logspace, open_sweep, sweep, wilson

float32 = _np.float32
float64 = _np.float64


def tensor(data: Any, dtype: Any = None) -> Any:
    """Numbers as an array of NumPy, ``torch.tensor``: fractions are float32, as in PyTorch.

    Parameters
    ----------
    data
        Numbers: nested lists, an array, a tensor on the CPU.
    dtype
        Of the array; by default float32 for fractions, else NumPy's choice.

    Returns
    -------
    ndarray
        A copy.

    Raises
    ------
    TypeError
        What are no numbers; a tensor on another device.
    """
    array = _plain_numbers("data", data)
    if dtype is not None:
        return _np.array(array, dtype)
    return _np.array(array, _np.float32 if array.dtype.kind == "f" else array.dtype)


_FUNCTION = """{formula}: in a network's ``forward``, and of plain numbers.

Parameters
----------
x
    What the layer before gives; or numbers of any shape.

Returns
-------
object or ndarray
    For the next layer; or numbers of the same shape.

Raises
------
TypeError
    The output of a whole network: what is behind it would not be recorded.
"""


def _function(layer: type[_Activation], of_numbers: Any) -> Any:
    def function(x: Any) -> Any:
        if isinstance(x, _Trace):
            return layer()(x)
        if isinstance(x, Output):
            raise TypeError("an activation behind the network's output is not recorded: make it the network's last layer")
        return of_numbers(_np.asarray(x))

    function.__name__ = layer._name
    function.__doc__ = _FUNCTION.format(formula=layer.__doc__)
    return function


tanh = _function(Tanh, _np.tanh)
sigmoid = _function(Sigmoid, lambda z: 1 / (1 + _np.exp(-z)))
relu = _function(ReLU, lambda z: _np.maximum(z, 0))


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
    from neuronlab.torch import from_torch as read

    return read(module)


__all__ = [
    "CELU", "ELU", "GELU", "SELU", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "Check", "CrossEntropyLoss",
    "DivergedError", "Dropout", "Experiment", "GaussianNLLLoss", "Generator", "Hardshrink", "Hardsigmoid", "Hardswish",
    "Hardtanh", "HingeEmbeddingLoss", "History", "HuberLoss", "Identity", "KLDivLoss", "L1Loss", "LeakyReLU", "Linear",
    "LogSigmoid", "LogSoftmax", "LossValue", "MSELoss", "Mish", "Module", "NLLLoss", "NeuronlabError", "Output", "PReLU",
    "Page", "Parameter", "Picture", "PoissonNLLLoss", "ReLU", "ReLU6", "Run", "Sequential", "SiLU", "Sigmoid",
    "SmoothL1Loss", "SoftMarginLoss", "Softmax", "Softplus", "Softshrink", "Softsign", "SweepResult", "Table", "Tanh",
    "Tanhshrink", "__version__", "experiments", "float32", "float64", "from_torch", "init", "linspace", "logspace",
    "lr_scheduler", "manual_seed", "nn", "open_run", "open_sweep", "optim", "relu", "sigmoid", "sweep", "tanh", "tensor",
    "wilson",
]  # fmt: skip
