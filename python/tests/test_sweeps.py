"""Sweeps: the command line's numbers, as tables, and each run again."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronlab as nl
from neuronlab import distributed

SHORT = {"stop": {"epochs": 30}}


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "neuronlab._cli", *words], capture_output=True, text=True, check=False, timeout=120
    )


def test_a_sweep_is_the_command_lines(tmp_path: Path) -> None:
    vary: dict[str, Any] = {"optimizer.lr": nl.logspace(1e-2, 1e-1, 3), "init": ["normal", "xavier_uniform"]}
    result = nl.sweep(nl.Experiment("xor", **SHORT), runs=64, vary=vary, out=tmp_path / "python")
    done = command(
        "sweep", "xor", "--set", "stop.epochs=30", "--runs", "64", "--vary", "optimizer.lr=log:0.01:0.1:3",
        "--vary", "init=normal,xavier_uniform", "--out", str(tmp_path / "rust"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for file in ("runs.csv", "cells.csv"):
        assert (tmp_path / "python" / file).read_bytes() == (tmp_path / "rust" / file).read_bytes()
    assert len(result) == 384 and result.cells["optimizer.lr"].dtype == np.float64
    assert result.cells["init"].tolist() == ["normal", "xavier_uniform"] * 3
    assert nl.open_sweep(tmp_path / "rust").runs["weights"].tolist() == result.runs["weights"].tolist()
    low, share, high = (result.cells[f"right_{what}"] for what in ("low", "share", "high"))
    assert np.all(low <= share) and np.all(share <= high)
    assert str(result.plot()).startswith("<svg")


def test_a_run_is_replayed_bit_for_bit() -> None:
    result = nl.sweep(nl.Experiment("xor", **SHORT), runs=64, vary={"optimizer.lr": [0.02, 0.05]})
    runs = result.runs
    for number in (0, 63, 100):
        run = result.replay(number)
        assert run.weights_hash == runs["weights"][number]
        assert run.evaluate()["training"]["mean_absolute_error"] == runs["error"][number]
    with pytest.raises(nl.NeuronlabError, match="a run from 0 to 127"):
        result.replay(128)


def test_a_sweep_in_memory_is_that_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vary: dict[str, Any] = {"optimizer.lr": [0.02, 3.0], "init": ["normal", "xavier_uniform"]}
    short = nl.Experiment("xor-mse", stop={"epochs": 300})
    there = nl.sweep(short, runs=100, vary=vary, out=tmp_path / "folder")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    here = nl.sweep(short, runs=100, vary=vary)
    assert here.path is None and there.path == tmp_path / "folder"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    for ours, theirs in ((here.runs, there.runs), (here.cells, there.cells)):
        assert ours.keys() == theirs.keys()
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name])
    assert np.isfinite(here.runs["diverged"]).any()
    assert str(here.plot()) == str(there.plot()) and repr(here) == repr(there)
    assert here._repr_mimebundle_()["text/html"] == there._repr_mimebundle_()["text/html"]
    assert here.replay(99).weights_hash == there.runs["weights"][99]


def test_a_sweep_in_memory_goes_on_after_an_interruption() -> None:
    from neuronlab import _neuronlab

    seen = []

    def stop(done: int) -> None:
        seen.append(done)
        if done >= 64:
            raise KeyboardInterrupt

    plan = distributed.plan("xor", runs=2000)
    memory = _neuronlab.Memory(plan)
    with pytest.raises(KeyboardInterrupt):
        memory.train(memory.missing(), 1, stop)
    left = memory.missing()
    assert seen[-1] >= 64 and 0 < len(left) <= plan.parts() and not memory.is_complete
    with pytest.raises(nl.NeuronlabError, match="all 32 parts"):
        memory.cells()
    memory.train(left, 0, None)
    assert memory.is_complete and memory.cells().numpy("runs").tolist() == [2000]


def test_tables_go_to_other_libraries() -> None:
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    table = nl.sweep(nl.Experiment("xor-mse", stop={"epochs": 300}), runs=64, vary={"optimizer.lr": [0.02, 3.0]}).runs
    frame = pl.DataFrame(table)
    assert frame.shape == (128, len(table)) and frame.columns == list(table)
    assert frame.equals(table.to_polars()) and frame["solved"].null_count() > 0
    arrow = pa.table(table)
    assert arrow["error"].null_count == arrow["error"].length() - np.isfinite(table["error"]).sum() > 0
    assert arrow["weights"].to_pylist() == table["weights"].tolist()
    assert table.to_pandas()["right"].dtype == bool
    places = [pa.table(table)["error"].chunk(0).buffers()[1].address for _ in range(2)]
    assert places[0] == places[1], "a column was copied"
    with pytest.raises(KeyError, match="weigths: no such column; did you mean 'weights'"):
        table["weigths"]
    with pytest.raises(KeyError, match="no such column; there are run, cell, offset"):
        table["xyz"]


def test_what_can_not_be_swept_is_refused(tmp_path: Path) -> None:
    xor = nl.Experiment("xor", **SHORT)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"vary": {"optimizer.l": [1.0]}}, "did you mean"),
        ({"vary": {"optimizer.lr": []}}, "field=values"),
        ({"vary": {"optimizer.lr": [0.1, 0.1]}}, "twice"),
        ({"runs": 0}, "^runs: expected at least 1"),
        ({"threads": -1}, "at least 0"),
        ({"threads": 10**9}, "at most 4096"),
        ({"on": "spark"}, "expected 'ray'"),
    ]
    for keywords, words in cases:
        with pytest.raises(ValueError, match=words):
            nl.sweep(xor, **{"runs": 64, **keywords})
    with pytest.raises(TypeError, match="a list of values"):
        nl.sweep(xor, runs=64, vary={"optimizer.lr": "0.1"})
    nl.sweep(xor, runs=64, out=tmp_path / "s")
    with pytest.raises(FileExistsError, match="another sweep"):
        nl.sweep(xor, runs=128, out=tmp_path / "s")
    assert len(nl.sweep(xor, runs=128, out=tmp_path / "s", force=True)) == 128


def test_parts_that_were_trained_elsewhere_give_the_same_bytes(tmp_path: Path) -> None:
    xor = nl.Experiment("xor", **SHORT)
    here = nl.sweep(xor, runs=300, out=tmp_path / "here")
    plan = distributed.plan(xor, runs=300)
    parts = [distributed.train_part(plan.to_toml(), part) for part in range(plan.parts())]
    distributed.merge(plan, parts, tmp_path / "there")
    for file in ("runs.csv", "cells.csv", "tallies.json", "sweep.toml"):
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()
    assert len(here) == 300
    memory = distributed.merge(plan, parts)
    assert memory.path is None and memory.runs["weights"].tolist() == here.runs["weights"].tolist()
    with pytest.raises(nl.NeuronlabError, match="expected all 5 parts, got 4"):
        distributed.merge(plan, parts[:-1])
    with pytest.raises(nl.NeuronlabError, match="part 2: .*damaged"):
        distributed.merge(plan, [*parts[:2], b"", *parts[3:]])
    with pytest.raises(nl.NeuronlabError):
        distributed.merge(plan, [parts[1], parts[0], *parts[2:]], tmp_path / "mixed")
    with pytest.raises(nl.NeuronlabError, match="damaged"):
        distributed.merge(plan, [parts[0][:-5], *parts[1:]], tmp_path / "damaged")


def test_an_interrupted_sweep_goes_on(tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done >= 64:
            raise KeyboardInterrupt

    from neuronlab import _neuronlab

    plan = distributed.plan("xor", runs=2000)
    folder = _neuronlab.Folder.create(tmp_path / "s", plan, False)
    with pytest.raises(KeyboardInterrupt):
        folder.train(folder.missing(), 1, stop)
    left = len(folder.missing())
    assert left > 0
    del folder
    assert len(nl.sweep("xor", runs=2000, out=tmp_path / "s")) == 2000


def test_the_command_comes_with_the_package(tmp_path: Path) -> None:
    assert "neuronlab" in command("--version").stdout
    wrong = command("train", "xro", "--out", str(tmp_path / "x"))
    assert wrong.returncode == 2 and "did you mean `xor`" in wrong.stderr


def test_wilson_is_the_interval_of_the_tables() -> None:
    share, low, high = nl.wilson(50, 100)
    assert share == 0.5 and (low, high) == pytest.approx((0.403832, 0.596168), abs=1e-6)
    with pytest.raises(ValueError, match="at most 10"):
        nl.wilson(11, 10)
