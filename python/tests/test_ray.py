"""A real Ray cluster of two nodes on this machine, of which one is killed in mid-run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import neuronlab as nl

ray = pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.second = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def same(a: Path, b: Path) -> bool:
    files = ("runs.csv", "cells.csv", "tallies.json", "sweep.toml")
    return all((a / file).read_bytes() == (b / file).read_bytes() for file in files)


def test_the_result_has_the_same_bytes(cluster: Any, tmp_path: Path) -> None:
    vary = {"optimizer.lr": [0.01, 0.05]}
    nl.sweep("xor", runs=500, vary=vary, out=tmp_path / "here")
    nl.sweep("xor", runs=500, vary=vary, out=tmp_path / "ray", on="ray")
    assert same(tmp_path / "here", tmp_path / "ray")
    here, memory = nl.open_sweep(tmp_path / "here"), nl.sweep("xor", runs=500, vary=vary, on="ray")
    assert memory.path is None and memory.runs["weights"].tolist() == here.runs["weights"].tolist()


def test_a_node_that_dies_loses_nothing(cluster: Any, tmp_path: Path) -> None:
    from neuronlab import _neuronlab, distributed

    nl.sweep("xor", runs=6000, out=tmp_path / "here")
    plan = distributed.plan("xor", runs=6000)
    folder = _neuronlab.Folder.create(tmp_path / "ray", plan, False)
    killed: list[int] = []

    def kill_once(done: int) -> None:
        if not killed:
            killed.append(done)
            cluster.remove_node(cluster.second, allow_graceful=False)

    distributed.on_ray(folder, folder.missing(), kill_once)
    folder.finish()
    assert killed and killed[0] < 6000
    assert same(tmp_path / "here", tmp_path / "ray")


def test_a_driver_that_comes_back_goes_on(cluster: Any, tmp_path: Path) -> None:
    from neuronlab import _neuronlab, distributed

    plan = distributed.plan("xor", runs=1000)
    folder = _neuronlab.Folder.create(tmp_path / "ray", plan, False)

    def stop(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        distributed.on_ray(folder, folder.missing(), stop)
    left = len(folder.missing())
    assert 0 < left < plan.parts()
    del folder
    nl.sweep("xor", runs=1000, out=tmp_path / "ray", on="ray")
    nl.sweep("xor", runs=1000, out=tmp_path / "here")
    assert same(tmp_path / "here", tmp_path / "ray")
