"""Numbers of anything as arrays of NumPy, in the precision of a network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from neuronlab._values import Array


def plain(what: str, value: Any) -> Array:
    """Numbers of anything: arrays, lists, PyTorch's tensors on the CPU."""
    if type(value).__module__.split(".")[0] == "torch":
        if value.device.type != "cpu":
            raise TypeError(f"{what}: expected a tensor on the CPU, got one on {value.device}; .cpu() copies it")
        try:
            value = value.detach().numpy()
        except (TypeError, RuntimeError) as error:
            raise TypeError(f"{what}: {error}") from None
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind not in "fiub":
        raise TypeError(f"{what}: expected numbers, got {array.dtype}")
    return array


def array(value: Any, what: str, double: bool) -> Array:
    # What float32 does not hold becomes infinite, and is refused as such.
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(plain(what, value), np.float64 if double else np.float32)


def unknown(what: str, name: object, names: Iterable[str]) -> KeyError:
    """The error of a name that there is not, with the nearest that there is."""
    from difflib import get_close_matches

    names = list(names)
    near = get_close_matches(str(name), names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none'}"
    return KeyError(f"{name}: no such {what}; {hint}")


def is_double(dtype: Any) -> bool:
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
