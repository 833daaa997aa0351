"""A network: what its layers are, what their numbers are, and its passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from neuronlab import _neuronlab, _random
from neuronlab._arrays import array, plain
from neuronlab._display import Shown
from neuronlab._toml import literal
from neuronlab._values import Array, LossValue, Output, Parameter

if TYPE_CHECKING:
    from neuronlab.nn.layers import BatchNorm1d, Layer
    from neuronlab.nn.losses import Loss


class Trace:
    """What stands for the inputs while a network is asked which layers it is made of."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []

    def through(self, layer: Layer) -> Trace:
        """The same behind one more layer. Each is taken once, in a row."""
        after = Trace()
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
        """Call the layers, one after the other.

        Parameters
        ----------
        x
            What the layer before gives. (It is no array: only layers take it.)

        Returns
        -------
        object
            What the last layer gives.

        Raises
        ------
        NotImplementedError
            The class has no ``forward``.
        TypeError
            Something else than layers was called: that can't be followed.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward()")

    def __call__(self, x: ArrayLike | Trace) -> Any:
        """The outputs ``[B, O]`` for rows of inputs ``[B, I]``; one row ``[I]`` gives ``[O]``."""
        if isinstance(x, Trace):
            return self.forward(x)
        return self._run(x)

    def _run(self, inputs: ArrayLike) -> Output:
        net = self._engine()
        width = self._widths[0]
        x = array(inputs, "inputs", self._double)
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

    def _traced(self) -> list[Layer]:
        traced = self.forward(Trace())
        if not isinstance(traced, Trace):
            raise TypeError(f"forward: expected what the last layer gives, got {type(traced).__name__}")
        return traced.layers

    def _bind(self) -> None:
        from neuronlab.nn.stack import Stack

        stack = Stack(self._traced())
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
        """Forget the gradients of all parameters.

        Parameters
        ----------
        set_to_none
            ``False`` makes them 0 instead.
        """
        self._engine().zero_grad(set_to_none)

    def train(self, mode: bool = True) -> Module:
        """Training mode: batch normalisation goes by the batch, dropout leaves neurons out.

        Parameters
        ----------
        mode
            ``False``: evaluation mode.

        Returns
        -------
        Module
            Itself.
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Evaluation mode: batch normalisation goes by the running statistics, dropout does nothing.

        Returns
        -------
        Module
            Itself.
        """
        return self.train(False)

    def double(self) -> Module:
        """Turn all numbers to float64; their values stay.

        Returns
        -------
        Module
            Itself. Optimizers must be made anew.
        """
        return self._convert(np.float64)

    def float(self) -> Module:
        """Round all numbers to float32.

        Returns
        -------
        Module
            Itself. Optimizers must be made anew.
        """
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
        """Call a function with each layer, and with the network itself last.

        Parameters
        ----------
        function
            Takes a module.

        Returns
        -------
        Module
            Itself.
        """
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Its layers, by the names of the attributes that hold them.

        Yields
        ------
        tuple of (str, Module)
        """
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def children(self) -> Iterator[Module]:
        """Its layers.

        Yields
        ------
        Module
        """
        for _, child in self.named_children():
            yield child

    def modules(self) -> Iterator[Module]:
        """Itself and all layers, of layers too.

        Yields
        ------
        Module
        """
        yield self
        for child in self.children():
            yield from child.modules()

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """All parameters with their names, such as ``lin1.weight`` or ``0.weight``.

        Parameters
        ----------
        prefix
            What stands before each name.

        Yields
        ------
        tuple of (str, Parameter)
        """
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield f"{prefix}{name}", value
        for name, child in self.named_children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, for an optimizer.

        Yields
        ------
        Parameter
        """
        self._adopt()
        for _, parameter in self.named_parameters():
            yield parameter

    def _adopt(self) -> None:
        if any(parameter._module is None for _, parameter in self.named_parameters()):
            self._engine()

    def _named_norms(self, prefix: str = "") -> Iterator[tuple[str, BatchNorm1d]]:
        from neuronlab.nn.layers import BatchNorm1d

        for name, child in self.named_children():
            if isinstance(child, BatchNorm1d):
                yield f"{prefix}{name}.", child
            yield from child._named_norms(f"{prefix}{name}.")

    def state_dict(self) -> dict[str, Array]:
        """Parameters and running statistics under PyTorch's names.

        Returns
        -------
        dict of str to ndarray
            Copies. A weight is ``[out_features, in_features]``, a bias ``[out_features]``.
        """
        state = {name: parameter.numpy().copy() for name, parameter in self.named_parameters()}
        for name, norm in self._named_norms():
            state[f"{name}running_mean"] = norm.running_mean.copy()
            state[f"{name}running_var"] = norm.running_var.copy()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take numbers from a dict as :meth:`state_dict` gives it, or PyTorch's own of the same network.

        Parameters
        ----------
        state_dict
            Arrays or PyTorch's tensors, under the same names.

        Raises
        ------
        KeyError
            Names that are missing or unknown.
        ValueError
            Another shape; NaN or infinity. Nothing is changed.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict: expected a dict of arrays, got {type(state_dict).__name__}")
        wanted = dict(self.named_parameters())
        norms = dict(self._named_norms())
        statistics = {f"{name}{what}": (norm, what) for name, norm in norms.items() for what in ("running_mean", "running_var")}
        given = {name: plain(name, value) for name, value in state_dict.items() if not name.endswith("num_batches_tracked")}
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
        """The table of the layers: shapes, parameters, multiplications.

        Returns
        -------
        str
        """
        return self._engine().summary()

    def to_torch(self) -> Any:
        """The same network with the same numbers in PyTorch.

        Returns
        -------
        torch.nn.Sequential
            In the same mode, with copies of the numbers.
        """
        from neuronlab.torch import to_torch

        return to_torch(self)

    def save_safetensors(self, path: str) -> None:
        """Write :meth:`state_dict` as a file that ``safetensors.torch.load_file`` reads (extra ``safetensors``).

        Parameters
        ----------
        path
            The file; one that is there is replaced.
        """
        from safetensors.numpy import save_file

        save_file(self.state_dict(), path)

    def load_safetensors(self, path: str) -> None:
        """Take numbers from a file of safetensors, of PyTorch or of this package.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        KeyError, ValueError
            As of :meth:`load_state_dict`.
        """
        from safetensors.numpy import load_file

        self.load_state_dict(load_file(path))

    def _svg(self) -> str | None:
        try:
            return self._engine().svg()
        except (TypeError, ValueError, NotImplementedError):
            return None

    def extra_repr(self) -> str:
        """What stands in the brackets behind the name.

        Returns
        -------
        str
        """
        return ""

    def _text(self) -> str:
        lines = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])
