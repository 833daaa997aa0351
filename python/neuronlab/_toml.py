"""Values of Python as values of TOML, the language of experiment files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def literal(value: Any, place: str) -> str:
    """The value as it stands behind ``=`` in TOML, in one line."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    elif isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        text = repr(value)
        return text if "." in text or "e" not in text else text.replace("e", ".0e", 1)
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        fields = (f"{_key(key)} = {literal(field, f'{place}.{key}')}" for key, field in value.items() if field is not None)
        return "{ " + ", ".join(fields) + " }"
    if isinstance(value, (list, tuple, range)):
        return "[" + ", ".join(literal(item, f"{place}.{i}") for i, item in enumerate(value)) + "]"
    if hasattr(value, "__fspath__"):
        return json.dumps(str(value))
    raise TypeError(f"{place}: expected a number, a word, a list or a dict, got {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"expected words as names of fields, got {key!r}")
    return key if key and all((c.isalnum() and c.isascii()) or c in "_-" for c in key) else json.dumps(key)


def document(name: str, fields: Mapping[str, Any]) -> str:
    """A rule with its settings as JSON, which has finite numbers only."""
    for field, value in fields.items():
        if isinstance(value, (float, np.floating)) and not math.isfinite(value):
            raise ValueError(f"{field}: expected a finite number, got {value}")
    return json.dumps({"name": name, **fields})


def settings(fields: Mapping[str, Any]) -> list[str]:
    """Fields as ``path=value``: of a dict without a name each of its fields, so that the others stay."""
    out = []
    for path, value in fields.items():
        if isinstance(value, Mapping) and value and "name" not in value and path not in ("network", "split"):
            out += settings({f"{path}.{_key(key)}": field for key, field in value.items()})
        else:
            out.append(f"{path}={literal(value, path)}")
    return out
