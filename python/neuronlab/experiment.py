"""Experiments: all there is to a run, in one value."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuronlab import _neuronlab
from neuronlab._arrays import plain, unknown
from neuronlab._display import Shown
from neuronlab._toml import literal, settings
from neuronlab.run import Run


class Experiment(Shown):
    """All there is to a run: data, network, loss, optimizer, seeds, and so on. It never changes.

    Parameters
    ----------
    source
        The name of a built-in experiment (``"xor"``), the path of an experiment file or a results folder, the text of an
        experiment file, or nothing, if the fields say all.
    **fields
        Fields of the experiment file (``docs/experiment.md``), as keywords: ``optimizer={"lr": 0.05}`` replaces one field of
        the optimizer, ``optimizer={"name": "adam", "lr": 0.01}`` the whole of it. ``data`` may be a pair of arrays ``(X, y)``.

    Raises
    ------
    NeuronlabError
        A field that there is not, or a value that does not fit: with the field, what was expected, what was got, and a hint.

    Examples
    --------
    >>> import neuronlab as nl
    >>> exp = nl.Experiment("xor", optimizer={"lr": 0.05}, stop={"epochs": 10})
    >>> exp["optimizer.lr"]
    0.05
    >>> exp.train().steps
    40
    """

    def __init__(self, source: str | os.PathLike[str] | None = None, **fields: Any) -> None:
        if "data" in fields and isinstance(fields["data"], tuple):
            fields["data"] = inline(*fields["data"])
        if source is None:
            text = "".join(f"{key} = {literal(value, key)}\n" for key, value in fields.items() if value is not None)
            self._engine = _neuronlab.Experiment.from_toml(text, "experiment")
            return
        base = _base(source)
        self._engine = base.with_settings(settings(fields)) if fields else base

    @classmethod
    def _of(cls, engine: _neuronlab.Experiment) -> Experiment:
        new = cls.__new__(cls)
        new._engine = engine
        return new

    def replace(self, fields: Mapping[str, Any] | None = None, **more: Any) -> Experiment:
        """The same with some fields replaced.

        Parameters
        ----------
        fields
            New values by their paths: ``{"optimizer.lr": 0.05}``.
        **more
            New values by keywords, as in the constructor.

        Returns
        -------
        Experiment
            Another one; this one stays as it is.

        Raises
        ------
        NeuronlabError
            A field that there is not, or a value that does not fit.

        Examples
        --------
        >>> import neuronlab as nl
        >>> nl.Experiment("xor").replace({"optimizer.lr": 0.05})["optimizer.lr"]
        0.05
        """
        if "data" in more and isinstance(more["data"], tuple):
            more["data"] = inline(*more["data"])
        return self._of(self._engine.with_settings(settings({**(fields or {}), **more})))

    def train(self, progress: bool | None = None) -> Run:
        """Train a run to its end.

        Parameters
        ----------
        progress
            Whether a progress bar is shown (tqdm's, where it is installed); by default where somebody watches.

        Returns
        -------
        Run
            After Ctrl-C the run as far as it is: ``run.train()`` goes on.

        Raises
        ------
        DivergedError
            The loss or a parameter left the finite numbers. ``error.run`` is the run up to there.
        """
        return Run(self).train(progress=progress)

    def start(self) -> Run:
        """The run before its first step.

        Returns
        -------
        Run
        """
        return Run(self)

    @property
    def name(self) -> str:
        """Its name."""
        return self._engine.name

    @property
    def dtype(self) -> str:
        """``float32`` or ``float64``."""
        return self._engine.dtype

    def to_toml(self) -> str:
        """The complete experiment file: every field, those at their defaults too.

        Returns
        -------
        str
        """
        return self._engine.to_toml()

    def to_dict(self) -> dict[str, Any]:
        """Every field.

        Returns
        -------
        dict
            Of dicts and lists, as deep as the fields lie.
        """
        fields: dict[str, Any] = json.loads(self._engine.to_json())
        return fields

    def __getitem__(self, path: str) -> Any:
        if not isinstance(path, str):
            raise TypeError(f"expected the path of a field, such as 'optimizer.lr', got {path!r}")
        at: Any = self.to_dict()
        for key in path.split("."):
            try:
                at = at[int(key)] if isinstance(at, list) else at[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise unknown("field", key, at if isinstance(at, dict) else []) from None
        return at

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the complete experiment file.

        Parameters
        ----------
        path
            The file; one that is there is replaced.
        """
        Path(path).write_text(self.to_toml(), encoding="utf-8")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Experiment) and self._engine.same(other._engine)

    def __hash__(self) -> int:
        return hash(self.to_toml())

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_toml, (self.to_toml(),)

    def _text(self) -> str:
        return f"# Experiment\n{self.to_toml()}"


def _from_toml(text: str) -> Experiment:
    return Experiment._of(_neuronlab.Experiment.from_toml(text, "experiment"))


def _base(source: str | os.PathLike[str] | Experiment) -> _neuronlab.Experiment:
    if isinstance(source, Experiment):
        return source._engine
    if isinstance(source, str) and ("\n" in source or "=" in source):
        return _neuronlab.Experiment.from_toml(source, "experiment")
    if isinstance(source, str) and source in _neuronlab.Experiment.built_in_names():
        return _neuronlab.Experiment.built_in(source)
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f"source: expected a name, a path or a text, got {type(source).__name__}")
    if len(str(source)) > 4096:
        raise ValueError(f"source: expected a name, a path or a text, got {len(str(source))} characters of none of them")
    path = Path(source)
    if path.is_dir():
        return _neuronlab.Experiment.read(path / "experiment.toml")
    if path.suffix == ".toml" or path.exists() or path.parent != Path():
        return _neuronlab.Experiment.read(path)
    return _neuronlab.Experiment.built_in(str(source))


def inline(inputs: Any, targets: Any, **more: Any) -> dict[str, Any]:
    """Arrays as the field ``data`` of an experiment.

    Parameters
    ----------
    inputs
        ``[N, I]``: an array, a tensor, or a table of pandas or polars, whose columns have names.
    targets
        Numbers ``[N]`` or ``[N, O]``, or words ``[N]``, which are classes.
    **more
        Other fields of the data, such as ``standardize``.

    Returns
    -------
    dict
        The field.

    Raises
    ------
    TypeError, ValueError
        Another shape; what are no numbers; NaN or infinity.
    """
    names = [str(name) for name in inputs.columns] if hasattr(inputs, "columns") else []
    x = plain("data: inputs", inputs)
    if x.ndim != 2:
        raise ValueError(f"data: expected inputs of shape (samples, inputs), got {x.shape}")
    if not np.isfinite(x.astype(float)).all():
        raise ValueError("data: expected finite inputs, got NaN or infinity")
    y = plain("data: targets", targets) if type(targets).__module__.split(".")[0] == "torch" else np.asarray(targets)
    data: dict[str, Any] = {"name": "inline", "inputs": x.astype(float).tolist()}
    if names:
        data["input_names"] = names
    if y.dtype.kind in "OUS" and y.ndim == 1:
        data["classes"] = [str(word) for word in y.tolist()]
    else:
        y = plain("data: targets", targets)
        if y.ndim not in (1, 2):
            raise ValueError(f"data: expected targets of shape (samples,) or (samples, outputs), got {y.shape}")
        if not np.isfinite(y.astype(float)).all():
            raise ValueError("data: expected finite targets, got NaN or infinity")
        data["targets"] = y.astype(float).reshape(len(y), -1).tolist()
    return {**data, **more}


def experiments() -> list[str]:
    """The names of the built-in experiments.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import neuronlab as nl
    >>> "xor" in nl.experiments()
    True
    """
    return _neuronlab.Experiment.built_in_names()
