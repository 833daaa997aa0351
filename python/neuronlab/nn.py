"""Networks in a loop that you write yourself, ``torch.nn``: layers, activations, losses.

A network is a stack: linear layers, each with what follows it (batch normalisation, an activation, dropout). It can be written
as :class:`Sequential`, or as a class with a ``forward`` that calls its layers one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neuronlab import _neuronlab, _random, init
from neuronlab._display import Shown
from neuronlab._toml import literal
from neuronlab._values import Array, LossValue, Output, Parameter

# `torch.nn.init` is a part of `torch.nn`.
__all__ = [
    "CELU", "ELU", "GELU", "SELU", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "CrossEntropyLoss", "Dropout",
    "GaussianNLLLoss", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "HingeEmbeddingLoss", "HuberLoss", "Identity",
    "KLDivLoss", "L1Loss", "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax", "Loss", "MSELoss", "Mish", "Module",
    "NLLLoss", "PReLU", "Parameter", "PoissonNLLLoss", "ReLU", "ReLU6", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss",
    "SoftMarginLoss", "Softmax", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "init",
]  # fmt: skip


class _Trace:
    """What stands for the inputs while a network is asked which layers it is made of."""

    def __init__(self) -> None:
        self.layers: list[_Layer] = []
        self.at = 0

    def through(self, layer: _Layer) -> _Trace:
        """The same behind one more layer. Each is taken once, in a row."""
        after = _Trace()
        after.layers = [*self.layers, layer]
        return after

    def __getattr__(self, name: str) -> Any:
        raise TypeError(
            f"forward: a network here is one layer after the other; `{name}` of what a layer gives can't be followed"
        )

    def _refuse(self, *_: Any) -> Any:
        raise TypeError("forward: a network here is one layer after the other; arithmetic between layers can't be followed")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __matmul__ = __pow__ = __neg__ = __getitem__ = __array__ = _refuse
    __array_ufunc__ = None


class Module(Shown):
    """A network, ``torch.nn.Module``.

    A class of your own sets its layers in ``__init__`` and calls them one after the other in ``forward``:

    >>> import neuronlab as nl
    >>> class Net(nl.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.lin1 = nl.Linear(2, 4, bias=False)
    ...         self.lin2 = nl.Linear(4, 1, bias=False)
    ...     def forward(self, x):
    ...         return self.lin2(nl.tanh(self.lin1(x)))
    >>> [name for name, _ in Net().named_parameters()]
    ['lin1.weight', 'lin2.weight']
    """

    def __init__(self) -> None:
        self.training = True
        self._net: _neuronlab.Net | None = None
        self._list: list[Parameter] = []
        self._norms: list[tuple[int, BatchNorm1d]] = []
        self._version = 0
        self._ticket = 0
        self._widths = (0, 0)
        self._double = False
        self._once = False

    def forward(self, x: Any) -> Any:
        """Call the layers, one after the other."""
        raise NotImplementedError(f"{type(self).__name__} has no forward()")

    def __call__(self, x: ArrayLike | _Trace) -> Any:
        """The outputs ``[B, O]`` for rows of inputs ``[B, I]``; one row ``[I]`` gives ``[O]``."""
        if isinstance(x, _Trace):
            return self.forward(x)
        return self._run(x)

    def _run(self, inputs: ArrayLike) -> Output:
        net = self._engine()
        width = self._widths[0]
        x = _array(inputs, "inputs", self._double)
        if x.ndim not in (1, 2) or x.shape[-1] != width:
            raise ValueError(f"expected inputs of shape ({width},) or (rows, {width}), got {x.shape}")
        if x.size == 0:
            raise ValueError("expected at least one row of inputs, got none")
        if not np.isfinite(x).all():
            raise ValueError("expected finite inputs, got NaN or infinity")
        out = net.forward(x, _random.default_generator._stream if self.training else None)
        self._ticket += 1
        return Output(out.reshape((*x.shape[:-1], self._widths[1])), self, x, self._ticket)

    def _engine(self) -> _neuronlab.Net:
        if self._net is None:
            self._bind()
        assert self._net is not None
        return self._net

    def _traced(self) -> list[_Layer]:
        traced = self.forward(_Trace())
        if not isinstance(traced, _Trace):
            raise TypeError(f"forward: expected what the last layer gives, got {type(traced).__name__}")
        return traced.layers

    def _bind(self) -> None:
        stack = _Stack(self._traced())
        for name, parameter in self.named_parameters():
            if parameter._module is not None:
                raise ValueError(f"{name}: this layer is part of another network already; make a new one, or copy.deepcopy it")
        values = [parameter.numpy().ravel() for parameter in stack.parameters]
        self._double = stack.double
        dtype = np.float64 if self._double else np.float32
        flat = np.concatenate(values).astype(dtype) if values else np.zeros(0, dtype)
        net = _neuronlab.Net(literal(stack.layers, "layers"), stack.in_features, flat, self._double)
        places = {name: start for name, _, start in net.tensors()}
        starts = list(places.values())
        for parameter, start in zip(stack.parameters, starts, strict=True):
            parameter._move_into(self, start)
        self._net, self._list, self._norms = net, stack.parameters, stack.norms
        self._widths = (stack.in_features, stack.out_features)
        # A pass that draws masks or moves running statistics can't be made twice.
        self._once = stack.has_dropout or bool(stack.norms)
        for layer, norm in self._norms:
            net.set_running(layer, norm._mean.astype(dtype), norm._var.astype(dtype))
            norm._home = (self, layer)

    def _bound(self) -> list[Parameter]:
        self._engine()
        return self._list

    def _changed(self) -> None:
        self._version += 1
        self._ticket += 1

    def _loss(self, output: Output, loss: Loss, target: Array) -> LossValue:
        engine = loss._for(self._widths[1])
        if output._ticket != self._ticket:
            self._again(output._x, self.training)
            output._ticket = self._ticket
        value = self._engine().loss(engine, target)
        self._ticket += 1
        output._ticket = self._ticket
        return LossValue(value, self, engine, output._x, target, self._ticket, self.training)

    def _again(self, x: Array, training: bool) -> None:
        """Make a pass again that others have followed since."""
        if self._once and training:
            raise RuntimeError(
                "with dropout or batch normalisation, a pass needs its loss and backward() before the next pass: "
                "it can't be made again"
            )
        self._engine().forward(x, _random.default_generator._stream if training else None)
        self._ticket += 1

    def _backward(self, loss: LossValue) -> None:
        if loss._ticket != self._ticket:
            if loss._version != self._version:
                raise RuntimeError("a parameter has been changed since this loss was computed; compute it again")
            self._again(loss._x, loss._training)
            self._engine().loss(loss._loss, loss._target)
        self._engine().accumulate(loss._factor)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        self._engine().zero_grad()

    def train(self, mode: bool = True) -> Module:
        """Training mode: batch normalisation goes by the batch, dropout leaves neurons out."""
        self.training = mode
        return self

    def eval(self) -> Module:
        """Evaluation mode."""
        return self.train(False)

    def double(self) -> Module:
        """The same numbers in float64."""
        return self._convert(np.float64)

    def float(self) -> Module:
        """The same numbers, rounded to float32."""
        return self._convert(np.float32)

    def _convert(self, dtype: Any) -> Module:
        norms = [norm for _, norm in self._norms]
        for norm in norms:
            norm._mean, norm._var = norm.running_mean.copy(), norm.running_var.copy()
            norm._home = None
        for _, parameter in self.named_parameters():
            parameter._own, parameter._module = parameter.numpy().astype(dtype), None
            parameter._dtype = np.dtype(dtype)
        self._net = None
        self._list, self._norms = [], []
        self._changed()
        return self

    def apply(self, function: Any) -> Module:
        """Call a function with each layer, and with the network itself last."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Its layers, by the names of the attributes that hold them."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def children(self) -> Iterator[Module]:
        """Its layers."""
        for _, child in self.named_children():
            yield child

    def modules(self) -> Iterator[Module]:
        """Itself and all layers, of layers too."""
        yield self
        for child in self.children():
            yield from child.modules()

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Names, such as ``lin1.weight`` or ``0.weight``, and parameters."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield f"{prefix}{name}", value
        for name, child in self.named_children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def parameters(self) -> Iterator[Parameter]:
        """All parameters."""
        self._adopt()
        for _, parameter in self.named_parameters():
            yield parameter

    def _adopt(self) -> None:
        if any(parameter._module is None for _, parameter in self.named_parameters()):
            self._engine()

    def _named_norms(self, prefix: str = "") -> Iterator[tuple[str, BatchNorm1d]]:
        for name, child in self.named_children():
            if isinstance(child, BatchNorm1d):
                yield f"{prefix}{name}.", child
            yield from child._named_norms(f"{prefix}{name}.")

    def state_dict(self) -> dict[str, Array]:
        """Parameters and running statistics as NumPy arrays, under PyTorch's names; copies."""
        state = {name: parameter.numpy().copy() for name, parameter in self.named_parameters()}
        for name, norm in self._named_norms():
            state[f"{name}running_mean"] = norm.running_mean.copy()
            state[f"{name}running_var"] = norm.running_var.copy()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Numbers from a dict as :meth:`state_dict` gives it, or PyTorch's own of the same network."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict: expected a dict of arrays, got {type(state_dict).__name__}")
        wanted = dict(self.named_parameters())
        norms = dict(self._named_norms())
        statistics = {f"{name}{what}": (norm, what) for name, norm in norms.items() for what in ("running_mean", "running_var")}
        given = {name: _plain(name, value) for name, value in state_dict.items() if not name.endswith("num_batches_tracked")}
        missing = [name for name in (*wanted, *statistics) if name not in given]
        unknown = [name for name in given if name not in wanted and name not in statistics]
        if missing or unknown:
            raise KeyError(f"load_state_dict: missing {missing or 'none'}, unexpected {unknown or 'none'}")
        for name, value in given.items():
            shape = wanted[name].shape if name in wanted else (statistics[name][0].num_features,)
            if value.shape != shape:
                raise ValueError(f"{name}: expected an array of shape {shape}, got {value.shape}")
            if not np.isfinite(value).all():
                raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
        for name, value in given.items():
            if name in wanted:
                wanted[name].set(value)
            else:
                statistics[name][0]._set(statistics[name][1], value)

    def summary(self) -> str:
        """The table of the layers: shapes, parameters, multiplications."""
        return self._engine().summary()

    def to_torch(self) -> Any:
        """The same network with the same numbers as a ``torch.nn.Sequential``."""
        from neuronlab.torch import to_torch

        return to_torch(self)

    def save_safetensors(self, path: str) -> None:
        """Write :meth:`state_dict` as a file that ``safetensors.torch.load_file`` reads (extra ``safetensors``)."""
        from safetensors.numpy import save_file

        save_file(self.state_dict(), path)

    def load_safetensors(self, path: str) -> None:
        """Numbers from a file of safetensors, of PyTorch or of this package."""
        from safetensors.numpy import load_file

        self.load_state_dict(load_file(path))

    def _svg(self) -> str | None:
        try:
            return self._engine().svg()
        except (TypeError, ValueError, NotImplementedError):
            return None

    def extra_repr(self) -> str:
        """What stands in the brackets behind the name."""
        return ""

    def _text(self) -> str:
        lines = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])


class _Stack:
    """Layers in a row, as the engine wants them: linear layers, and what follows each."""

    def __init__(self, layers: Sequence[_Layer]) -> None:
        self.layers: list[dict[str, Any]] = []
        self.parameters: list[Parameter] = []
        self.norms: list[tuple[int, BatchNorm1d]] = []
        self.in_features = 0
        self.out_features = 0
        self.has_dropout = False
        pending: list[Parameter] = []
        seen: set[int] = set()
        stage = ""
        for place, layer in enumerate(layers):
            if id(layer) in seen and any(True for _ in layer.named_parameters()):
                raise ValueError(f"{layer!r} stands twice in the network: shared weights are not supported")
            seen.add(id(layer))
            where = f"layer {place}, {layer!r}"
            if isinstance(layer, Linear):
                if self.layers and layer.in_features != self.out_features:
                    raise ValueError(f"{where}: expected {self.out_features} inputs, as many as there are before it")
                self.in_features = self.in_features or layer.in_features
                self.out_features = layer.out_features
                self.parameters += pending
                pending = []
                self.layers.append({"out_features": layer.out_features, "bias": layer.bias is not None})
                self.parameters += [p for p in (layer.weight, layer.bias) if p is not None]
                stage = "linear"
                continue
            if isinstance(layer, Identity):
                continue
            if not self.layers:
                raise ValueError(f"{where}: a network here begins with a Linear layer")
            config = self.layers[-1]
            if isinstance(layer, BatchNorm1d):
                if stage != "linear":
                    raise ValueError(f"{where}: batch normalisation stands between a Linear layer and its activation here")
                if layer.num_features != self.out_features:
                    raise ValueError(f"{where}: expected {self.out_features} features, as many as the layer before has")
                config["batch_norm"] = {"eps": layer.eps, "momentum": layer.momentum, "affine": layer.affine}
                self.norms.append((len(self.layers) - 1, layer))
                self.parameters += [p for p in (layer.weight, layer.bias) if p is not None]
                stage = "norm"
            elif isinstance(layer, Dropout):
                if "dropout" in config:
                    raise ValueError(f"{where}: one Dropout behind a layer, not two")
                config["dropout"] = layer.p
                self.has_dropout = self.has_dropout or layer.p > 0
                stage = "dropout"
            elif isinstance(layer, _Activation):
                if stage not in ("linear", "norm"):
                    raise ValueError(
                        f"{where}: an activation stands behind a Linear layer or its batch normalisation here, "
                        "not behind another activation or Dropout"
                    )
                config["activation"] = layer._document()
                if isinstance(layer, PReLU):
                    self.parameters.append(layer.weight)
                stage = "activation"
            else:
                raise ValueError(f"{where}: this layer can't be part of a network here")
        if not self.layers:
            raise ValueError("expected a network of at least one Linear layer")
        for config in self.layers:
            config.setdefault("activation", "identity")
        kinds = {parameter.dtype for parameter in self.parameters}
        if len(kinds) > 1:
            raise ValueError(
                "expected all layers in one precision, float32 or float64; net.double() or net.float() makes them so"
            )
        self.double = kinds == {np.dtype(np.float64)}


class _Layer(Module):
    """One layer: a network by itself, or a part of one."""

    def forward(self, x: Any) -> Any:
        if not isinstance(x, _Trace):
            raise TypeError(f"{type(self).__name__}: expected to be called, not forward() by itself")
        return x.through(self)


class Linear(_Layer):
    """z = W·x + b, ``torch.nn.Linear``. Weights and biases are drawn as PyTorch draws them."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: Any = None) -> None:
        super().__init__()
        for name, number in (("in_features", in_features), ("out_features", out_features)):
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
                raise TypeError(f"{name}: expected a whole number, got {number!r}")
            if number < 1:
                raise ValueError(f"{name}: expected at least 1, got {number}")
        self.in_features, self.out_features = int(in_features), int(out_features)
        double = _double(dtype)
        stream = _random.default_generator._stream
        weight = stream.fill("'default'", [out_features, in_features], None, double)
        self.weight = Parameter(weight.reshape(out_features, in_features))
        self.bias = Parameter(stream.fill("'default'", [out_features], in_features, double)) if bias else None

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class BatchNorm1d(_Layer):
    """Batch normalisation of each neuron, ``torch.nn.BatchNorm1d``; Ioffe and Szegedy (2015)."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum, self.affine = num_features, float(eps), float(momentum), affine
        kind = np.float64 if _double(dtype) else np.float32
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


class Dropout(_Layer):
    """In training each number is 0 with probability p, and the others are divided by 1 − p; Srivastava et al. (2014)."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p: expected at least 0 and below 1, got {p}")
        self.p = float(p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Identity(_Layer):
    """Nothing: the sum is the answer."""


class _Activation(_Layer):
    _name = ""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self._settings = settings

    def _document(self) -> dict[str, Any]:
        return {"name": self._name, **self._settings}

    def extra_repr(self) -> str:
        return ", ".join(f"{key}={value!r}" for key, value in self._settings.items())


class Tanh(_Activation):
    """tanh z"""

    _name = "tanh"

    def __init__(self) -> None:
        super().__init__()


class Sigmoid(_Activation):
    """1/(1 + e^−z)"""

    _name = "sigmoid"

    def __init__(self) -> None:
        super().__init__()


class ReLU(_Activation):
    """max(0, z)"""

    _name = "relu"

    def __init__(self) -> None:
        super().__init__()


class ReLU6(_Activation):
    """min(max(0, z), 6)"""

    _name = "relu6"

    def __init__(self) -> None:
        super().__init__()


class LeakyReLU(_Activation):
    """z above 0, negative_slope·z below"""

    _name = "leaky_relu"

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__(negative_slope=float(negative_slope))


class PReLU(_Activation):
    """z above 0, w·z below, with learned slopes w: one for all neurons, or one each; He et al. (2015)."""

    _name = "prelu"

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: Any = None) -> None:
        super().__init__(num_parameters=num_parameters, init=float(init))
        kind = np.float64 if _double(dtype) else np.float32
        self.weight = Parameter(np.full(num_parameters, init, kind))


class ELU(_Activation):
    """z above 0, alpha·(e^z − 1) below; Clevert et al. (2016)"""

    _name = "elu"

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(alpha=float(alpha))


class CELU(_Activation):
    """z above 0, alpha·(e^(z/alpha) − 1) below; Barron (2017)"""

    _name = "celu"

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(alpha=float(alpha))


class SELU(_Activation):
    """ELU with the numbers of Klambauer et al. (2017)"""

    _name = "selu"

    def __init__(self) -> None:
        super().__init__()


class GELU(_Activation):
    """z·Φ(z); Hendrycks and Gimpel (2016)"""

    _name = "gelu"

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class SiLU(_Activation):
    """z·sigmoid(z)"""

    _name = "silu"

    def __init__(self) -> None:
        super().__init__()


class Mish(_Activation):
    """z·tanh(softplus(z)); Misra (2020)"""

    _name = "mish"

    def __init__(self) -> None:
        super().__init__()


class Softplus(_Activation):
    """ln(1 + e^(beta·z))/beta"""

    _name = "softplus"

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(beta=float(beta), threshold=float(threshold))


class Softsign(_Activation):
    """z/(1 + |z|)"""

    _name = "softsign"

    def __init__(self) -> None:
        super().__init__()


class Hardtanh(_Activation):
    """z between min_val and max_val"""

    _name = "hardtanh"

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__(min_val=float(min_val), max_val=float(max_val))


class Hardswish(_Activation):
    """z·min(max(0, z + 3), 6)/6; Howard et al. (2019)"""

    _name = "hardswish"

    def __init__(self) -> None:
        super().__init__()


class Hardsigmoid(_Activation):
    """min(max(0, z + 3), 6)/6"""

    _name = "hardsigmoid"

    def __init__(self) -> None:
        super().__init__()


class Tanhshrink(_Activation):
    """z − tanh z"""

    _name = "tanhshrink"

    def __init__(self) -> None:
        super().__init__()


class Softshrink(_Activation):
    """0 near 0, and lambd nearer to 0 elsewhere"""

    _name = "softshrink"

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(lambd=float(lambd))


class Hardshrink(_Activation):
    """0 near 0, and z elsewhere"""

    _name = "hardshrink"

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(lambd=float(lambd))


class LogSigmoid(_Activation):
    """ln sigmoid(z)"""

    _name = "log_sigmoid"

    def __init__(self) -> None:
        super().__init__()


class Softmax(_Activation):
    """e^z over the sum of e^z of the row"""

    _name = "softmax"

    def __init__(self, dim: int = -1) -> None:
        _last(dim)
        super().__init__()


class LogSoftmax(_Activation):
    """ln softmax of the row"""

    _name = "log_softmax"

    def __init__(self, dim: int = -1) -> None:
        _last(dim)
        super().__init__()


class Sequential(Module):
    """Layers, one after the other, ``torch.nn.Sequential``.

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


class Loss(Module):
    """How wrong outputs are: a function of outputs and targets, that knows the way back."""

    _name = ""
    _classes = False

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        reduction = settings.get("reduction", "mean")
        if reduction not in ("mean", "sum", "batchmean"):
            raise ValueError(f"reduction: expected `mean` or `sum`, got {reduction!r}")
        self._settings = {key: value for key, value in settings.items() if value is not None}
        self._made: dict[int, _neuronlab.Loss] = {}

    def _for(self, outputs: int) -> _neuronlab.Loss:
        if outputs not in self._made:
            document = {"name": self._name, **self._settings}
            self._made[outputs] = _neuronlab.Loss(json.dumps(document), outputs)
        return self._made[outputs]

    def __call__(self, output: Any, target: Any = None) -> Any:
        """The loss of a network's output ``[B, O]``; targets have its shape, or are class indices ``[B]``."""
        if not isinstance(output, Output):
            raise TypeError(f"expected the output of a network, got {type(output).__name__}")
        module = output._module
        wanted = self._target(target, output, module._double)
        loss = module._loss(output, self, wanted)
        return loss

    def _target(self, target: Any, output: Output, double: bool) -> Array:
        if self._classes:
            return _one_hot(target, output, double, self._settings.get("ignore_index", -100))
        y = _array(target, "targets", double)
        if y.shape != output.shape:
            if y.size == output._values.size and y.ndim != 0 and 1 in (*output.shape, *y.shape):
                raise ValueError(
                    f"expected targets of shape {output.shape}, as the outputs have, got {y.shape}: "
                    "PyTorch would pair each output with each target here; reshape the targets"
                )
            raise ValueError(f"expected targets of shape {output.shape}, as the outputs have, got {y.shape}")
        if not np.isfinite(y).all():
            raise ValueError("expected finite targets, got NaN or infinity")
        return y

    def extra_repr(self) -> str:
        return ", ".join(f"{key}={value!r}" for key, value in self._settings.items() if (key, value) != ("reduction", "mean"))


class L1Loss(Loss):
    """Mean of |output − target|"""

    _name = "l1"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class MSELoss(Loss):
    """Mean of (output − target)²"""

    _name = "mse"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class SmoothL1Loss(Loss):
    """Quadratic near 0, linear from beta on"""

    _name = "smooth_l1"

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction, beta=float(beta))


class HuberLoss(Loss):
    """Quadratic near 0, linear from delta on; Huber (1964)"""

    _name = "huber"

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction, delta=float(delta))


class BCELoss(Loss):
    """Binary cross entropy of probabilities"""

    _name = "bce"

    def __init__(self, weight: Sequence[float] | None = None, reduction: str = "mean") -> None:
        super().__init__(weight=_list(weight), reduction=reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross entropy of weighted sums: the sigmoid is in the loss"""

    _name = "bce_with_logits"

    def __init__(
        self,
        weight: Sequence[float] | None = None,
        reduction: str = "mean",
        pos_weight: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__(weight=_list(weight), reduction=reduction, pos_weight=_list(pos_weight))


class CrossEntropyLoss(Loss):
    """Cross entropy of class indices: the softmax is in the loss"""

    _name = "cross_entropy"
    _classes = True

    def __init__(
        self, weight: Sequence[float] | None = None, ignore_index: int | None = None, reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(
            weight=_list(weight), ignore_index=ignore_index, reduction=reduction, label_smoothing=float(label_smoothing)
        )


class NLLLoss(Loss):
    """Minus the log probability of the right class"""

    _name = "nll"
    _classes = True

    def __init__(self, weight: Sequence[float] | None = None, ignore_index: int | None = None, reduction: str = "mean") -> None:
        super().__init__(weight=_list(weight), ignore_index=ignore_index, reduction=reduction)


class KLDivLoss(Loss):
    """Kullback and Leibler (1951): how far a distribution is from another"""

    _name = "kl_div"

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction, log_target=log_target)


class SoftMarginLoss(Loss):
    """ln(1 + e^(−target·output)), targets −1 and 1"""

    _name = "soft_margin"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class HingeEmbeddingLoss(Loss):
    """The output at target 1, max(0, margin − output) at −1"""

    _name = "hinge_embedding"

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(margin=float(margin), reduction=reduction)


class PoissonNLLLoss(Loss):
    """Of counts that are Poisson distributed"""

    _name = "poisson_nll"

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(log_input=log_input, full=full, eps=float(eps), reduction=reduction)


class GaussianNLLLoss(Loss):
    """Of numbers that are normally distributed, with one variance for all"""

    _name = "gaussian_nll"

    def __init__(self, var: float = 1.0, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(var=float(var), full=full, eps=float(eps), reduction=reduction)


def _last(dim: int) -> None:
    if dim not in (-1, 1):
        raise ValueError(f"dim: expected -1 or 1, over the outputs of a row, got {dim}")


def _list(weight: Any) -> Any:
    return weight if weight is None or isinstance(weight, (int, float)) else np.asarray(weight, float).tolist()


def _double(dtype: Any) -> bool:
    if dtype is None:
        return False
    name = str(dtype).removeprefix("torch.")
    try:
        kind = np.dtype(name if isinstance(dtype, str) or name in ("float32", "float64") else dtype)
    except TypeError:
        kind = np.dtype(object)
    if kind not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"dtype: expected float32 or float64, got {dtype!r}")
    return kind == np.dtype(np.float64)


def _plain(what: str, value: Any) -> Array:
    """Numbers of anything: arrays, lists, PyTorch's tensors on the CPU."""
    if type(value).__module__.split(".")[0] == "torch":
        if value.device.type != "cpu":
            raise TypeError(f"{what}: expected a tensor on the CPU, got one on {value.device}; .cpu() copies it")
        value = value.detach().numpy()
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind not in "fiub":
        raise TypeError(f"{what}: expected numbers, got {array.dtype}")
    return array


def _array(value: Any, what: str, double: bool) -> Array:
    # What float32 does not hold becomes infinite, and is refused as such.
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(_plain(what, value), np.float64 if double else np.float32)


def _one_hot(target: Any, output: Output, double: bool, ignored: int) -> Array:
    labels = _plain("targets", target)
    classes = output.shape[-1]
    kind = np.float64 if double else np.float32
    if labels.dtype.kind == "f":
        if labels.shape != output.shape:
            raise TypeError(
                "targets: expected class indices (whole numbers), one a row, or probabilities of the outputs' shape"
            )
        return np.ascontiguousarray(labels, kind)
    if labels.shape != output.shape[:-1]:
        raise ValueError(f"expected class indices of shape {output.shape[:-1]}, one a row, got {labels.shape}")
    wrong = (labels != ignored) & ((labels < 0) | (labels >= classes))
    if wrong.any():
        raise ValueError(f"expected class indices from 0 to {classes - 1}, got {labels[wrong].ravel()[0]}")
    return np.ascontiguousarray(np.arange(classes) == labels[..., None], kind)
