"""Sweeps: an experiment many times, each run with its own seeds and settings, and what is true of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from neuronlab import _neuronlab
from neuronlab._arrays import unknown
from neuronlab._display import Picture, Shown, html_table, table
from neuronlab._progress import Progress
from neuronlab._toml import literal
from neuronlab._values import Array
from neuronlab.experiment import Experiment
from neuronlab.run import Run, _maybe, _whole


class Values:
    """Values of an axis: a range that the engine makes. Made by :func:`logspace` and :func:`linspace`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<{self.text}>"


def logspace(start: float, stop: float, num: int | None = None) -> Values:
    """Values of an axis by equal factors.

    Parameters
    ----------
    start, stop
        The ends, above 0; both are values.
    num
        How many, at least 2; without it a random sweep draws from the range.

    Returns
    -------
    Values
        For ``vary`` of :func:`sweep`.

    Examples
    --------
    >>> import neuronlab as nl
    >>> nl.logspace(1e-3, 1, 4)
    <log:0.001:1:4>
    """
    return Values("log:" + _ends(start, stop, num))


def linspace(start: float, stop: float, num: int | None = None) -> Values:
    """Values of an axis by equal steps.

    Parameters
    ----------
    start, stop
        The ends; both are values.
    num
        How many, at least 2; without it a random sweep draws from the range.

    Returns
    -------
    Values
        For ``vary`` of :func:`sweep`.
    """
    return Values("lin:" + _ends(start, stop, num))


def _ends(start: float, stop: float, num: int | None) -> str:
    return f"{start!r}:{stop!r}" + ("" if num is None else f":{num}")


class Table(Shown):
    """Columns as NumPy arrays: ``table["error"]``, ``dict(table)``. Made by a :class:`SweepResult`.

    Other libraries take it as it is, by the Arrow C stream interface, with real nulls: ``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)``.
    """

    def __init__(self, engine: _neuronlab.Columns) -> None:
        self._engine = engine
        self._names = engine.names

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise unknown("column", name, self._names)
        return self._engine.numpy(name)

    def keys(self) -> list[str]:
        """Names of the columns.

        Returns
        -------
        list of str
        """
        return list(self._names)

    def __iter__(self) -> Any:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self._engine.__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """As a table of pandas (extra ``pandas``); what is not there is NaN.

        Returns
        -------
        pandas.DataFrame
        """
        import pandas

        return pandas.DataFrame({name: self[name] for name in self._names})

    def to_polars(self) -> Any:
        """As a table of polars (extra ``polars``), with real nulls.

        Returns
        -------
        polars.DataFrame
        """
        import polars

        return polars.DataFrame(self)

    def _text(self) -> str:
        return table({name: self[name] for name in self._names})

    def _html(self) -> str:
        return html_table({name: self[name] for name in self._names})


class SweepResult(Shown):
    """A whole sweep: statistics of each cell, what every run left, and each run again on demand.

    Made by :func:`sweep`, :func:`open_sweep` and :func:`neuronlab.distributed.merge`. ``path`` is its folder, ``None``
    in memory: there a million runs take 72 MB, and the table :attr:`runs` of them 64 MB and 8 MB for each axis.
    """

    def __init__(self, engine: _neuronlab.Folder | _neuronlab.Memory, path: Path | None) -> None:
        self._engine, self.path = engine, path

    @property
    def cells(self) -> Table:
        """One row a cell: settings, shares with their 95 % intervals (Wilson's), quantiles of errors and epochs."""
        return Table(self._engine.cells())

    @property
    def runs(self) -> Table:
        """One row a run: settings, whether it is right, its error, a hash of its weights."""
        return Table(self._engine.runs())

    def replay(self, run: int) -> Run:
        """A run of the sweep again, trained alone, bit for bit the same.

        Parameters
        ----------
        run
            Its number, from 0 to ``len(result) - 1``: the column ``run``.

        Returns
        -------
        Run
            To be explained; one that diverged as far as it came.

        Raises
        ------
        NeuronlabError
            There is no such run.

        Examples
        --------
        >>> import neuronlab as nl
        >>> result = nl.sweep(nl.Experiment("xor", stop={"epochs": 10}), runs=64)
        >>> bool(result.replay(33).weights_hash == result.runs["weights"][33])
        True
        """
        experiment = Experiment._of(self._engine.sweep().run_experiment(_whole("run", run)))
        try:
            return experiment.train(progress=False)
        except _neuronlab.DivergedError as error:
            diverged: Run = error.run  # type: ignore[attr-defined]
            return diverged

    def experiment(self, run: int) -> Experiment:
        """The experiment of a run.

        Parameters
        ----------
        run
            Its number, from 0.

        Returns
        -------
        Experiment
            With the run's own seeds and settings.

        Raises
        ------
        NeuronlabError
            There is no such run.
        """
        return Experiment._of(self._engine.sweep().run_experiment(_whole("run", run)))

    def plot(self) -> Picture:
        """The picture of the sweep: shares of right runs with their intervals, over what is varied.

        Returns
        -------
        Picture

        Raises
        ------
        ValueError
            Nothing was varied.
        """
        svg = self._engine.plot()
        if svg is None:
            raise ValueError("nothing was varied: there is nothing to draw")
        return Picture(svg, "a sweep")

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self.runs.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return self._engine.sweep().total

    def _text(self) -> str:
        sweep = self._engine.sweep()
        cells = "1 cell" if sweep.cells == 1 else f"{sweep.cells} cells"
        return f"Sweep of {sweep.total} runs in {cells}\n{table(self._short())}"

    def _short(self) -> dict[str, Array]:
        cells, axes = self.cells, self._engine.sweep().axes()
        names = [*axes, "runs", "right_share", "right_low", "right_high", "error_50", "epochs_50", "diverged"]
        return {name: cells[name] for name in names}

    def _html(self) -> str:
        svg = self._engine.plot()
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
        A folder for the results, as ``neuronlab sweep`` writes it. An interrupted sweep goes on there. Without it they stay in
        memory.
    threads
        Threads on this machine; 0: one for each core. It does not change a bit of the results.
    on
        ``"ray"``: the parts of the sweep are tasks of the Ray cluster at hand (extra ``neuronlab[ray]``).
    progress
        Whether a progress bar is shown; by default where somebody watches.
    force
        Whether an earlier sweep in ``out`` is replaced.

    Returns
    -------
    SweepResult

    Raises
    ------
    NeuronlabError
        A field that there is not, a value that does not fit.
    FileExistsError
        ``out`` holds another sweep, or something else.
    ImportError
        ``on="ray"``, and Ray is not installed.
    KeyboardInterrupt
        Ctrl-C. With ``out`` the same call goes on.

    Examples
    --------
    >>> import neuronlab as nl
    >>> result = nl.sweep(nl.Experiment("xor", stop={"epochs": 20}), runs=64, vary={"optimizer.lr": [0.01, 0.1]})
    >>> len(result), result.cells["runs"].tolist()
    (128, [64, 64])
    """
    threads = _whole("threads", threads)
    if on not in (None, "ray"):
        raise ValueError(f"on: expected 'ray' or nothing, got {on!r}")
    plan_ = plan(experiment, runs, vary, random=random)
    path = None if out is None else Path(out)
    engine = _neuronlab.Memory(plan_) if path is None else _neuronlab.Folder.create(path, plan_, force)
    if not engine.is_complete:
        missing = engine.missing()
        bar = Progress(engine.runs_in(missing), "run", progress)
        try:
            if on == "ray":
                from neuronlab import distributed

                distributed.on_ray(engine, missing, bar)
            else:
                engine.train(missing, threads, bar)
        finally:
            bar.close()
        engine.finish()
    return SweepResult(engine, path)


def plan(
    experiment: Experiment | str | os.PathLike[str],
    runs: int = 1000,
    vary: Mapping[str, Values | Iterable[Any]] | None = None,
    *,
    random: int | None = None,
) -> _neuronlab.Sweep:
    """What a sweep would run, with nothing trained: for :mod:`neuronlab.distributed`, and to see the experiment of a run.

    Parameters
    ----------
    experiment, runs, vary, random
        As of :func:`sweep`.

    Returns
    -------
    Sweep
        With ``total`` runs in ``cells``, ``parts()``, ``to_toml()`` and ``run_experiment(run)``.

    Raises
    ------
    NeuronlabError
        A field that there is not, or a value that does not fit.
    """
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
    """A whole sweep in a folder, of ``neuronlab sweep`` or of :func:`sweep` with ``out``.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    SweepResult

    Raises
    ------
    NeuronlabError
        The folder holds no sweep, or one of another version.
    ValueError
        The sweep is not done.
    """
    engine = _neuronlab.Folder.open(folder)
    if not engine.is_complete:
        raise ValueError(f"{folder}: this sweep is not done; the call that began it goes on")
    return SweepResult(engine, Path(folder))


def wilson(successes: int, runs: int) -> tuple[float, float, float]:
    """A share and its 95 % interval, by the score method of Wilson (1927).

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²))/(1 + z²/n), p = successes/runs, n = runs, z = 1.96.

    Parameters
    ----------
    successes
        From 0 to ``runs``.
    runs
        How many there were.

    Returns
    -------
    tuple of float
        Share, lower end, upper end.

    Raises
    ------
    ValueError
        More successes than runs.

    Examples
    --------
    >>> import neuronlab as nl
    >>> print(*(f"{number:.3f}" for number in nl.wilson(50, 100)))
    0.500 0.404 0.596
    """
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
