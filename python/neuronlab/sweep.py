"""Sweeps: an experiment many times, each run with its own seeds and settings, and what is true of them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from neuronlab import _neuronlab
from neuronlab._display import Picture, Shown, html_table, table
from neuronlab._progress import Progress
from neuronlab._toml import literal
from neuronlab._values import Array
from neuronlab.experiment import Experiment
from neuronlab.run import Run, _maybe, _whole


class Values:
    """Values of an axis: a range that the engine makes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<{self.text}>"


def logspace(start: float, stop: float, num: int | None = None) -> Values:
    """``num`` values from ``start`` to ``stop`` by equal factors; without ``num`` the ends, for a random sweep to draw from."""
    return Values("log:" + _ends(start, stop, num))


def linspace(start: float, stop: float, num: int | None = None) -> Values:
    """``num`` values from ``start`` to ``stop`` by equal steps; without ``num`` the ends, for a random sweep to draw from."""
    return Values("lin:" + _ends(start, stop, num))


def _ends(start: float, stop: float, num: int | None) -> str:
    return f"{start!r}:{stop!r}" + ("" if num is None else f":{num}")


class Table(Shown):
    """Columns as NumPy arrays: ``table["error"]``, ``dict(table)``.

    Other libraries take it as it is, by the Arrow C stream interface, with real nulls: ``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)``.
    """

    def __init__(self, engine: _neuronlab.Columns) -> None:
        self._engine = engine
        self._names = engine.names

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(f"{name}: no such column; there are {', '.join(self._names)}")
        return self._engine.numpy(name)

    def keys(self) -> list[str]:
        """Names of the columns."""
        return list(self._names)

    def __iter__(self) -> Any:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self._engine.__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """As a DataFrame of pandas."""
        import pandas

        return pandas.DataFrame({name: self[name] for name in self._names})

    def to_polars(self) -> Any:
        """As a DataFrame of polars."""
        import polars

        return polars.DataFrame(self)

    def _text(self) -> str:
        return table({name: self[name] for name in self._names})

    def _html(self) -> str:
        return html_table({name: self[name] for name in self._names})


class SweepResult(Shown):
    """A whole sweep: statistics of each cell, what every run left, and each run again on demand."""

    def __init__(self, folder: _neuronlab.Folder, path: Path) -> None:
        self._folder, self.path = folder, path

    @property
    def cells(self) -> Table:
        """One row a cell: settings, shares with their 95 % intervals (Wilson's), quantiles of errors and epochs."""
        return Table(self._folder.cells())

    @property
    def runs(self) -> Table:
        """One row a run: settings, whether it is right, its error, a hash of its weights."""
        return Table(self._folder.runs())

    def replay(self, run: int) -> Run:
        """A run by its number, trained alone, bit for bit the same."""
        experiment = Experiment._of(self._folder.sweep().run_experiment(_whole("run", run)))
        try:
            return experiment.train(progress=False)
        except _neuronlab.DivergedError as error:
            diverged: Run = error.run  # type: ignore[attr-defined]
            return diverged

    def experiment(self, run: int) -> Experiment:
        """The experiment of a run, by its number."""
        return Experiment._of(self._folder.sweep().run_experiment(_whole("run", run)))

    def plot(self) -> Picture:
        """The picture of the sweep."""
        svg = self._folder.plot()
        if svg is None:
            raise ValueError("nothing was varied: there is nothing to draw")
        return Picture(svg, "a sweep")

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self.runs.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return self._folder.sweep().total

    def _text(self) -> str:
        sweep = self._folder.sweep()
        cells = "1 cell" if sweep.cells == 1 else f"{sweep.cells} cells"
        return f"Sweep of {sweep.total} runs in {cells}\n{table(self._short())}"

    def _short(self) -> dict[str, Array]:
        cells, axes = self.cells, self._folder.sweep().axes()
        names = [*axes, "runs", "right_share", "right_low", "right_high", "error_50", "epochs_50", "diverged"]
        return {name: cells[name] for name in names}

    def _html(self) -> str:
        svg = self._folder.plot()
        return html_table(self._short()) + (svg or "")


def sweep(
    experiment: Experiment | str | os.PathLike[str],
    runs: int = 1000,
    vary: Mapping[str, Values | Iterable[Any]] | None = None,
    *,
    random: int | None = None,
    out: str | os.PathLike[str] | None = None,
    threads: int = 0,
    on: str | None = None,
    progress: bool | None = None,
    force: bool = False,
) -> SweepResult:
    """Train an experiment many times, over a grid of settings.

    Parameters
    ----------
    experiment
        What is varied: an :class:`Experiment`, or what makes one.
    runs
        Runs in each cell of the grid; run r has the seeds of the experiment plus r.
    vary
        Fields and their values: ``{"optimizer.lr": nl.logspace(1e-3, 1, 13), "init": ["zeros", "normal"]}``.
    random
        So many cells at random instead of a grid; ranges then have no ``num``.
    out
        A folder for the results, as ``neuronlab sweep`` writes it. An interrupted sweep goes on there.
    threads
        Threads on this machine; 0: one for each core. It does not change a bit of the results.
    on
        ``"ray"``: the parts of the sweep are tasks of the Ray cluster at hand (extra ``neuronlab[ray]``).
    progress
        Whether a progress bar is shown; by default where somebody watches.
    force
        Whether an earlier sweep in ``out`` is replaced.

    Raises
    ------
    NeuronlabError
        A field that there is not, a value that does not fit, a folder of another sweep.
    KeyboardInterrupt
        Ctrl-C. With ``out`` the same call goes on.

    Examples
    --------
    >>> import neuronlab as nl
    >>> result = nl.sweep(nl.Experiment("xor", stop={"epochs": 20}), runs=64, vary={"optimizer.lr": [0.01, 0.1]})
    >>> len(result), result.cells["runs"].tolist()
    (128, [64, 64])
    """
    if threads < 0:
        raise ValueError(f"threads: expected at least 0, got {threads}")
    if on not in (None, "ray"):
        raise ValueError(f"on: expected 'ray' or nothing, got {on!r}")
    plan_ = plan(experiment, runs, vary, random=random)
    path = Path(out) if out is not None else Path(tempfile.mkdtemp(prefix="neuronlab-"))
    try:
        folder = _neuronlab.Folder.create(path, plan_, force)
        if not folder.is_complete:
            missing = folder.missing()
            bar = Progress(folder.runs_in(missing), "run", progress)
            try:
                if on == "ray":
                    from neuronlab import distributed

                    distributed.on_ray(folder, missing, bar)
                else:
                    folder.train(missing, threads, bar)
            finally:
                bar.close()
            folder.finish()
    except BaseException:
        if out is None:
            shutil.rmtree(path, ignore_errors=True)
        raise
    result = SweepResult(folder, path)
    if out is None:
        weakref.finalize(result, shutil.rmtree, path, ignore_errors=True)
    return result


def plan(
    experiment: Experiment | str | os.PathLike[str],
    runs: int = 1000,
    vary: Mapping[str, Values | Iterable[Any]] | None = None,
    *,
    random: int | None = None,
) -> _neuronlab.Sweep:
    """What a sweep would run, with nothing trained: for :mod:`neuronlab.distributed`, and to see the experiment of a run."""
    if not isinstance(experiment, Experiment):
        experiment = Experiment(experiment)
    texts = [f"{field}={_values(field, values)}" for field, values in (vary or {}).items()]
    return _neuronlab.Sweep(experiment._engine, texts, _whole("runs", runs), _maybe("random", random), True)


def _values(field: str, values: Values | Iterable[Any]) -> str:
    if isinstance(values, Values):
        return values.text
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"vary[{field!r}]: expected a list of values, got {values!r}")
    items = list(values)
    return ",".join(item if isinstance(item, str) else literal(item, f"vary[{field!r}]").replace(" ", "") for item in items)


def open_sweep(folder: str | os.PathLike[str]) -> SweepResult:
    """A whole sweep in a folder, of ``neuronlab sweep`` or of :func:`sweep` with ``out``."""
    engine = _neuronlab.Folder.open(folder)
    if not engine.is_complete:
        raise ValueError(f"{folder}: this sweep is not done; the call that began it goes on")
    return SweepResult(engine, Path(folder))


def wilson(successes: int, runs: int) -> tuple[float, float, float]:
    """Share, and the ends of its 95 % interval, by the score method of Wilson (1927)."""
    successes, runs = _whole("successes", successes), _whole("runs", runs)
    if successes > runs:
        raise ValueError(f"successes: expected at most {runs}, got {successes}")
    return _neuronlab.wilson(successes, runs)


__all__: Sequence[str] = [
    "SweepResult",
    "Table",
    "Values",
    "linspace",
    "logspace",
    "open_sweep",
    "plan",
    "sweep",
    "wilson",
]
