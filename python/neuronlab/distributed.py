"""Sweeps on several machines: an engine that is there already carries the parts.

Three functions are all that an engine needs. A part is trained whole or not at all, travels as bytes, and is checked where it
arrives:

>>> import neuronlab as nl
>>> from neuronlab import distributed
>>> sweep = distributed.plan(nl.Experiment("xor", stop={"epochs": 10}), runs=128)
>>> parts = [distributed.train_part(sweep.to_toml(), part) for part in range(sweep.parts())]  # anywhere
>>> len(distributed.merge(sweep, parts))
128

With Dask, ``train_part`` is what ``client.map`` takes; ``neuronlab.sweep(…, on="ray")`` does the same with Ray. The result has
the same bytes wherever the parts were trained.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from neuronlab import _neuronlab
from neuronlab.run import _whole
from neuronlab.sweep import SweepResult, plan

__all__ = ["merge", "on_ray", "plan", "train_part", "train_parts"]

# Runs of a task at least, so that the engine's own work stays far below 5 % of it.
_RUNS_A_TASK = 4096
# Tasks for each core, so that none waits long at the end.
_TASKS_A_CORE = 10
# How often a task is begun anew when its worker or node died, by Ray and then by us.
_RETRIES = 10


def train_part(sweep: str, part: int) -> bytes:
    """Train one part of a sweep on one thread.

    Parameters
    ----------
    sweep
        The text of the sweep's ``sweep.toml``: ``plan(…).to_toml()``.
    part
        Its number, from 0 to ``plan(…).parts() - 1``.

    Returns
    -------
    bytes
        The part, with a checksum, for :func:`merge`.

    Raises
    ------
    NeuronlabError
        There is no such part, or its runs can't be trained.
    """
    return _neuronlab.Sweep.from_toml(sweep).train_part(_whole("part", part))


def train_parts(sweep: str, parts: list[int]) -> list[tuple[int, bytes]]:
    """Train some parts, one after the other: one task of an engine.

    Parameters
    ----------
    sweep
        The text of the sweep's ``sweep.toml``.
    parts
        Their numbers.

    Returns
    -------
    list of (int, bytes)
        Each number with what :func:`train_part` gives for it.
    """
    plan_ = _neuronlab.Sweep.from_toml(sweep)
    return [(part, plan_.train_part(part)) for part in parts]


def merge(
    sweep: _neuronlab.Sweep, parts: Iterable[bytes], out: str | os.PathLike[str] | None = None, force: bool = False
) -> SweepResult:
    """Add up all parts of a sweep.

    Parameters
    ----------
    sweep
        The sweep, as :func:`plan` gave it.
    parts
        What :func:`train_part` gave for each part, in their order.
    out
        A folder for the results, as ``neuronlab sweep`` writes it; without it they stay in memory.
    force
        Whether an earlier sweep in ``out`` is replaced.

    Returns
    -------
    SweepResult
        The same as one machine would have given.

    Raises
    ------
    NeuronlabError
        A part is damaged, missing, or of another sweep.
    FileExistsError
        ``out`` holds something else.
    """
    engine = _neuronlab.Memory(sweep) if out is None else _neuronlab.Folder.create(out, sweep, force)
    if not engine.is_complete:
        for part, content in enumerate(parts):
            engine.put_part(part, content)
        engine.finish()
    return SweepResult(engine, None if out is None else Path(out))


def _tasks(sweep: _neuronlab.Sweep, missing: list[int], cores: int) -> list[list[int]]:
    """Parts in tasks: long enough to be worth a task, and enough of them to go round."""
    a_part = max(1, sweep.total // max(1, sweep.parts()))
    worth_it = -(-_RUNS_A_TASK // a_part)
    to_go_round = len(missing) // (_TASKS_A_CORE * max(1, cores))
    size = max(1, min(worth_it, to_go_round))
    return [missing[i : i + size] for i in range(0, len(missing), size)]


def on_ray(engine: _neuronlab.Folder | _neuronlab.Memory, missing: list[int], progress: Callable[[int], object]) -> None:
    """Train the missing parts of a sweep as tasks of Ray, and keep each as it arrives.

    A task whose worker or node died is given to another. A driver that dies leaves the parts that have arrived in the folder,
    if there is one.

    Parameters
    ----------
    engine
        Where parts are kept: a folder, or memory.
    missing
        The numbers of the parts to train.
    progress
        Called with the number of runs that are done.

    Raises
    ------
    ImportError
        Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise ImportError("on='ray' needs Ray: pip install 'neuronlab[ray]'") from error
    if not ray.is_initialized():
        ray.init(log_to_driver=False)
    sweep = engine.sweep()
    text = ray.put(sweep.to_toml())
    cores = int(ray.cluster_resources().get("CPU", 1))
    remote: Any = ray.remote(num_cpus=1, max_retries=_RETRIES)(train_parts)
    waiting = _tasks(sweep, missing, cores)
    waiting.reverse()
    # Twice as many as there are cores are under way, so that no worker waits and memory holds few results.
    under_way: dict[Any, list[int]] = {}
    lost: dict[int, int] = {}
    done = 0
    try:
        while waiting or under_way:
            while waiting and len(under_way) < 2 * max(1, cores):
                parts = waiting.pop()
                under_way[remote.remote(text, parts)] = parts
            ready, _ = ray.wait(list(under_way), timeout=0.5)
            for task in ready:
                parts = under_way.pop(task)
                try:
                    results = ray.get(task)
                except (
                    ray.exceptions.WorkerCrashedError,
                    ray.exceptions.NodeDiedError,
                    ray.exceptions.ObjectLostError,
                ):
                    lost[parts[0]] = lost.get(parts[0], 0) + 1
                    if lost[parts[0]] > _RETRIES:
                        raise
                    waiting.append(parts)
                    continue
                for part, content in results:
                    engine.put_part(part, content)
                done += engine.runs_in(parts)
            progress(done)
    finally:
        for task in under_way:
            ray.cancel(task, force=True)
