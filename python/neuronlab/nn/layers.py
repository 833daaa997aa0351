"""Layers: each is a part of a network, or a network by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from neuronlab import _random
from neuronlab._arrays import is_double
from neuronlab._values import Array, Parameter
from neuronlab.nn.module import Module, Trace


class Layer(Module):
    """One layer: a network by itself, or a part of one."""

    def forward(self, x: Any) -> Any:
        """The same network, longer by this layer.

        Parameters
        ----------
        x
            What the layer before gives.

        Returns
        -------
        object
            For the next layer.

        Raises
        ------
        TypeError
            It was called by itself, with numbers.
        """
        if not isinstance(x, Trace):
            raise TypeError(f"{type(self).__name__}: expected to be called, not forward() by itself")
        return x.through(self)


class Linear(Layer):
    """z = W·x + b, ``torch.nn.Linear``: inputs ``[B, in_features]``, outputs ``[B, out_features]``.

    Weights and biases are drawn as PyTorch draws them: evenly between −1/√in_features and 1/√in_features.

    Parameters
    ----------
    in_features
        Inputs, at least 1.
    out_features
        Neurons, at least 1.
    bias
        Whether b is there.
    dtype
        ``float32`` (by default) or ``float64``.

    Raises
    ------
    TypeError, ValueError
        A size that is no whole number from 1 on; another dtype.

    Examples
    --------
    >>> import neuronlab as nl
    >>> layer = nl.Linear(2, 4)
    >>> layer.weight.shape, layer.bias.shape, layer([[0.0, 1.0]]).shape
    ((4, 2), (4,), (1, 4))
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: Any = None) -> None:
        super().__init__()
        for name, number in (("in_features", in_features), ("out_features", out_features)):
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
                raise TypeError(f"{name}: expected a whole number, got {number!r}")
            if number < 1:
                raise ValueError(f"{name}: expected at least 1, got {number}")
        self.in_features, self.out_features = int(in_features), int(out_features)
        double = is_double(dtype)
        stream = _random.default_generator._stream
        weight = stream.fill("'default'", [out_features, in_features], None, double)
        self.weight = Parameter(weight.reshape(out_features, in_features))
        self.bias = Parameter(stream.fill("'default'", [out_features], in_features, double)) if bias else None

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class BatchNorm1d(Layer):
    """(z − mean)/√(var + eps)·weight + bias for each neuron, ``torch.nn.BatchNorm1d``; Ioffe and Szegedy (2015).

    In training mean and variance are those of the batch, in evaluation running ones. It stands between a linear layer and its
    activation.

    Parameters
    ----------
    num_features
        Neurons.
    eps
        Added to the variance.
    momentum
        The share of the batch in the running statistics.
    affine
        Whether weight and bias are there, and learned.
    dtype
        ``float32`` (by default) or ``float64``.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum, self.affine = num_features, float(eps), float(momentum), affine
        kind = np.float64 if is_double(dtype) else np.float32
        self.weight = Parameter(np.ones(num_features, kind)) if affine else None
        self.bias = Parameter(np.zeros(num_features, kind)) if affine else None
        self._mean: Array = np.zeros(num_features)
        self._var: Array = np.ones(num_features)
        self._home: tuple[Module, int] | None = None

    def _statistics(self) -> tuple[Array, Array]:
        if self._home is None:
            return self._mean, self._var
        module, layer = self._home
        return next((mean, var) for place, mean, var in module._engine().running() if place == layer)

    def _set(self, what: str, values: Array) -> None:
        mean, var = self._statistics()
        mean, var = (values, var) if what == "running_mean" else (mean, values)
        if self._home is None:
            self._mean, self._var = mean, var
        else:
            module, layer = self._home
            kind = np.float64 if module._double else np.float32
            module._engine().set_running(layer, np.ascontiguousarray(mean, kind), np.ascontiguousarray(var, kind))

    @property
    def running_mean(self) -> Array:
        """Running mean of each neuron."""
        return self._statistics()[0]

    @property
    def running_var(self) -> Array:
        """Running variance of each neuron."""
        return self._statistics()[1]

    def extra_repr(self) -> str:
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"


class Dropout(Layer):
    """In training each number is 0 with probability p, and the others are divided by 1 − p; Srivastava et al. (2014).

    ``torch.nn.Dropout``; the masks are PyTorch's.

    Parameters
    ----------
    p
        At least 0 and below 1.

    Raises
    ------
    ValueError
        p is something else.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p: expected at least 0 and below 1, got {p}")
        self.p = float(p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Identity(Layer):
    """z itself, ``torch.nn.Identity``."""


class Sequential(Module):
    """Layers, one after the other, ``torch.nn.Sequential``.

    Parameters
    ----------
    *layers
        Layers, or one dict of names and layers.

    Raises
    ------
    TypeError
        Something that is no layer.

    Examples
    --------
    >>> import neuronlab as nl
    >>> _ = nl.manual_seed(2)
    >>> net = nl.Sequential(nl.Linear(2, 4, bias=False), nl.Tanh(), nl.Linear(4, 1, bias=False))
    >>> net([0.0, 1.0]).shape
    (1,)
    """

    def __init__(self, *layers: Module | Mapping[str, Module]) -> None:
        super().__init__()
        named: Mapping[str, Any]
        if len(layers) == 1 and isinstance(layers[0], Mapping):
            named = layers[0]
        else:
            named = {str(i): layer for i, layer in enumerate(layers)}
        for name, layer in named.items():
            if not isinstance(layer, Module):
                raise TypeError(f"layer {name}: expected a layer, such as nl.Linear(2, 4), got {layer!r}")
            vars(self)[name] = layer
        self._names = list(named)

    def forward(self, x: Any) -> Any:
        """Call the layers, one after the other.

        Parameters
        ----------
        x
            What the layer before gives.

        Returns
        -------
        object
            What the last layer gives.
        """
        for name in self._names:
            x = vars(self)[name](x)
        return x

    def __getitem__(self, place: int) -> Module:
        layer = vars(self)[self._names[place]]
        assert isinstance(layer, Module)
        return layer

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[Module]:
        return (self[i] for i in range(len(self)))
