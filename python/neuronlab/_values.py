"""What a loop holds in its hands: parameters, outputs and losses, with PyTorch's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuronlab import _neuronlab

if TYPE_CHECKING:
    from neuronlab.nn import Module

Array = NDArray[Any]


class Parameter:
    """A tensor that is learned, ``torch.nn.Parameter``.

    Its numbers lie in the network. ``data`` and ``grad`` are read-only copies: to change numbers, assign to ``data``, or use
    one of the functions of :mod:`neuronlab.init`, or ``data.normal_()`` and the like.

    Parameters
    ----------
    values
        Its first numbers, float32 or float64.
    """

    def __init__(self, values: Array) -> None:
        self._own: Array | None = np.ascontiguousarray(values)
        self._module: Module | None = None
        self._start = 0
        self._shape = tuple(values.shape)
        self._dtype = values.dtype

    def _move_into(self, module: Module, start: int) -> None:
        self._own, self._module, self._start = None, module, start

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self._dtype

    @property
    def requires_grad(self) -> bool:
        """Always: what is not to be learned is no parameter here."""
        return True

    def numel(self) -> int:
        """How many numbers it has.

        Returns
        -------
        int
        """
        return int(np.prod(self._shape))

    def numpy(self) -> Array:
        """Its numbers.

        Returns
        -------
        ndarray
            A read-only copy, of its shape.
        """
        if self._own is not None:
            values = self._own.copy()
        else:
            assert self._module is not None
            values = self._module._engine().values(self._start, self.numel()).reshape(self._shape)
        values.flags.writeable = False
        return values

    def detach(self) -> Array:
        """As :meth:`numpy`.

        Returns
        -------
        ndarray
            A read-only copy, of its shape.
        """
        return self.numpy()

    @property
    def data(self) -> ParameterData:
        """Its numbers, with PyTorch's methods to draw them anew (``normal_`` and so on)."""
        return ParameterData(self)

    @data.setter
    def data(self, values: ArrayLike) -> None:
        self.set(values)

    def set(self, values: ArrayLike) -> None:
        """Put other numbers in their place.

        Parameters
        ----------
        values
            Finite numbers of the parameter's shape.

        Raises
        ------
        ValueError
            Another shape; NaN or infinity.
        """
        with np.errstate(over="ignore"):
            new = np.ascontiguousarray(values, dtype=self._dtype)
        if new.shape != self._shape:
            raise ValueError(f"expected an array of shape {self._shape}, got {new.shape}")
        if not np.isfinite(new).all():
            raise ValueError("expected finite numbers, got NaN or infinity")
        if self._own is not None:
            self._own = new.copy()
        else:
            assert self._module is not None
            self._module._engine().set_values(self._start, new)
            self._module._changed()

    @property
    def grad(self) -> Array | None:
        """What ``backward`` has added up since ``zero_grad``, a read-only copy; ``None`` before."""
        if self._module is None:
            return None
        gradient = self._module._engine().gradient(self._start, self.numel())
        if gradient is None:
            return None
        gradient = gradient.reshape(self._shape)
        gradient.flags.writeable = False
        return gradient

    @grad.setter
    def grad(self, value: None) -> None:
        raise AttributeError("gradients can't be set; clear them all with zero_grad()")

    def tolist(self) -> Any:
        """Its numbers as lists.

        Returns
        -------
        list
            Nested as the shape says.
        """
        return self.numpy().tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{self.numpy()!r}"


class ParameterData:
    """The numbers of a parameter: an array to read, with PyTorch's methods that change it in place.

    Made by :attr:`Parameter.data`.
    """

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter

    def normal_(self, mean: float = 0.0, std: float = 1.0) -> ParameterData:
        """Draw all numbers from N(mean, std²).

        Parameters
        ----------
        mean, std
            Mean and standard deviation.

        Returns
        -------
        ParameterData
            Itself.
        """
        return self._draw({"name": "normal", "mean": mean, "std": std})

    def uniform_(self, a: float = 0.0, b: float = 1.0) -> ParameterData:
        """Draw all numbers evenly between two bounds.

        Parameters
        ----------
        a, b
            The bounds.

        Returns
        -------
        ParameterData
            Itself.
        """
        return self._draw({"name": "uniform", "low": a, "high": b})

    def zero_(self) -> ParameterData:
        """Set all numbers to 0.

        Returns
        -------
        ParameterData
            Itself.
        """
        return self.fill_(0.0)

    def fill_(self, value: float) -> ParameterData:
        """Set all numbers to one value.

        Parameters
        ----------
        value
            The number.

        Returns
        -------
        ParameterData
            Itself.
        """
        self._parameter.set(np.full(self._parameter.shape, value))
        return self

    def copy_(self, values: ArrayLike) -> ParameterData:
        """Set the numbers to others.

        Parameters
        ----------
        values
            Finite numbers of the parameter's shape.

        Returns
        -------
        ParameterData
            Itself.
        """
        self._parameter.set(values)
        return self

    def _draw(self, scheme: dict[str, Any]) -> ParameterData:
        from neuronlab import init

        init._draw(self._parameter, scheme)
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self._parameter.shape

    def numpy(self) -> Array:
        """The numbers.

        Returns
        -------
        ndarray
            A read-only copy.
        """
        return self._parameter.numpy()

    def tolist(self) -> Any:
        """The numbers as lists.

        Returns
        -------
        list
            Nested as the shape says.
        """
        return self.numpy().tolist()

    def __getitem__(self, place: Any) -> Any:
        return self.numpy()[place]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self._parameter.__array__(dtype)

    def __repr__(self) -> str:
        return repr(self.numpy())


_NO_GRADIENT = (
    "arithmetic on a network's output is not recorded here: use a loss, such as nl.MSELoss()(output, target), "
    "or output.detach() for plain numbers"
)


class Output:
    """What a network computed: numbers, and where they came from, so that a loss can go back. Made by calling a network.

    It is read as an array: ``output[0]``, ``output > 0``, ``numpy.asarray(output)``. Arithmetic with it is not
    recorded, and refused.
    """

    __slots__ = ("_module", "_ticket", "_values", "_x")
    __array_priority__ = 100

    def __init__(self, values: Array, module: Module, x: Array, ticket: int) -> None:
        self._values, self._module, self._x, self._ticket = values, module, x, ticket

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self._values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self._values.dtype

    def numpy(self) -> Array:
        """The numbers.

        Returns
        -------
        ndarray
            ``[B, O]``, or ``[O]`` of one row.
        """
        return self._values

    def detach(self) -> Array:
        """The numbers.

        Returns
        -------
        ndarray
            ``[B, O]``, or ``[O]`` of one row.
        """
        return self._values

    def item(self) -> float:
        """The number, if there is one only.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            There are several.
        """
        return float(self._values.item())

    def tolist(self) -> Any:
        """The numbers as lists.

        Returns
        -------
        list
            Nested as the shape says.
        """
        return self._values.tolist()

    def argmax(self, dim: int | None = None) -> Any:
        """Where the largest number is.

        Parameters
        ----------
        dim
            The axis to look along; without it among all numbers.

        Returns
        -------
        int or ndarray of int
            The first place, where several are largest.
        """
        return self._values.argmax(dim)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self._values if dtype is None else self._values.astype(dtype)

    def __float__(self) -> float:
        return self.item()

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        return self._values[place]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __gt__(self, other: Any) -> Any:
        return self._values > other

    def __lt__(self, other: Any) -> Any:
        return self._values < other

    def __ge__(self, other: Any) -> Any:
        return self._values >= other

    def __le__(self, other: Any) -> Any:
        return self._values <= other

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(_NO_GRADIENT)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __pow__ = __neg__ = __abs__ = __matmul__ = _refuse
    __array_ufunc__ = None

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        return f"Output({self._values!r})"


class LossValue:
    """A loss: a number, and the way back to the parameters. Made by calling a loss.

    A number can be multiplied to it (``loss / 4``); :meth:`backward` then multiplies the gradients.
    """

    __slots__ = ("_factor", "_gone", "_loss", "_module", "_target", "_ticket", "_training", "_value", "_version", "_x")

    def __init__(
        self, value: float, module: Module, loss: _neuronlab.Loss, x: Array, target: Array, ticket: int, training: bool
    ) -> None:
        self._value, self._module, self._loss, self._x, self._target = value, module, loss, x, target
        self._ticket, self._training, self._factor, self._gone = ticket, training, 1.0, False
        self._version = module._version

    def item(self) -> float:
        """The number.

        Returns
        -------
        float
        """
        return self._value * self._factor

    def detach(self) -> float:
        """The number.

        Returns
        -------
        float
        """
        return self.item()

    def backward(self, retain_graph: bool = False) -> None:
        """Add ∂loss/∂parameter to the gradients of all parameters.

        The loss may lie a few passes back, if no parameter has changed since: the pass is then made again.

        Parameters
        ----------
        retain_graph
            Whether it will be called on this loss again.

        Raises
        ------
        RuntimeError
            It was called before; a parameter has changed since; or another pass of a network with dropout or batch
            normalisation came between.
        """
        if self._gone:
            raise RuntimeError(
                "Trying to backward through the graph a second time; say retain_graph=True the first time if you mean it"
            )
        self._module._backward(self)
        self._gone = not retain_graph

    def __float__(self) -> float:
        return self.item()

    def __mul__(self, factor: float) -> LossValue:
        if not isinstance(factor, (int, float, np.number)):
            raise TypeError("a loss can be multiplied with a number; for its number alone use loss.item()")
        scaled = LossValue(self._value, self._module, self._loss, self._x, self._target, self._ticket, self._training)
        scaled._version = self._version
        scaled._factor = self._factor * float(factor)
        return scaled

    __rmul__ = __mul__

    def __truediv__(self, number: float) -> LossValue:
        return self * (1.0 / float(number))

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(
            "losses can't be added here: call backward() on each, which adds up the gradients; for numbers use loss.item()"
        )

    __add__ = __radd__ = __sub__ = __rsub__ = _refuse

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        return f"loss({self.item():.4f})"
