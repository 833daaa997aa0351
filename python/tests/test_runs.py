"""Experiments and runs: every field, every step."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import neuronlab as nl


def test_an_experiment_is_made_in_every_way(tmp_path: Path) -> None:
    exp = nl.Experiment("xor", optimizer={"lr": 0.05})
    assert exp["optimizer.lr"] == 0.05 and exp["optimizer.momentum"] == 0.9
    assert exp == nl.Experiment("xor").replace({"optimizer.lr": 0.05})
    assert nl.Experiment(exp.to_toml()) == exp == pickle.loads(pickle.dumps(exp))
    exp.save(tmp_path / "x.toml")
    assert nl.Experiment(tmp_path / "x.toml") == exp
    whole = nl.Experiment(**exp.to_dict())
    assert whole == exp and hash(whole) == hash(exp)
    adam = nl.Experiment("xor", optimizer={"name": "adam", "lr": np.float64(0.01)}, stop={"epochs": np.int64(5)})
    assert adam["optimizer.betas"] == [0.9, 0.999] and adam.train().steps == 20


def test_fields_are_strict() -> None:
    with pytest.raises(nl.NeuronlabError, match="did you mean `optimizer.lr`"):
        nl.Experiment("xor", optimizer={"learning_rate": 0.1})
    with pytest.raises(nl.NeuronlabError, match="did you mean `xor`"):
        nl.Experiment("xro")
    with pytest.raises(nl.NeuronlabError, match="optimizer.lr: expected"):
        nl.Experiment("xor", optimizer={"lr": "fast"})
    with pytest.raises(nl.NeuronlabError, match="finite"):
        nl.Experiment("xor", optimizer={"lr": float("nan")})
    with pytest.raises(TypeError, match="optimizer.lr: expected a number"):
        nl.Experiment("xor", optimizer={"lr": object()})
    with pytest.raises(FileNotFoundError):
        nl.Experiment("nowhere/x.toml")
    with pytest.raises(KeyError):
        nl.Experiment("xor")["optimizer.speed"]
    with pytest.raises(TypeError, match="source"):
        nl.Experiment(3)  # type: ignore[arg-type]


def test_arrays_are_data() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 3))
    run = nl.Experiment("xor-mse", data=(x, x.sum(axis=1)), stop={"epochs": 3}, network="3-8-1").train()
    assert run.epochs == 3 and run.predict(x).shape == (40, 1)
    words = np.where(x[:, 0] > 0, "up", "down")
    classes = nl.Experiment("xor-mse", data=(x, words), loss="cross_entropy", stop={"epochs": 3}, network="3-8-2").train()
    assert classes.classes == ["down", "up"]
    with pytest.raises(ValueError, match="shape"):
        nl.Experiment("xor", data=(x.ravel(), words))
    with pytest.raises(nl.NeuronlabError, match="one row for each sample"):
        nl.Experiment("xor", data=(x, x[:5]))
    with pytest.raises(ValueError, match="finite"):
        nl.Experiment("xor", data=(np.full((2, 2), np.nan), [0, 1]))


def test_a_run_is_all_its_steps(xor_run: nl.Run, tmp_path: Path) -> None:
    assert (xor_run.steps, xor_run.epochs, xor_run.ended) == (8004, 2001, "epochs")
    history = xor_run.history
    assert list(history) == ["epoch", "step", "loss", "lr"] and len(history["loss"]) == 8004
    assert history["loss"].dtype == np.float32 and set(history["lr"]) == {0.02}
    assert history.to_pandas().shape == history.to_polars().shape == (8004, 4)
    assert xor_run.evaluate()["training"]["right"] == 1.0
    assert xor_run.predict([[0, 0], [0, 1]]).shape == (2, 1)
    start = xor_run.state_dict(step=0)["lin1.weight"]
    assert start.shape == (4, 2) and not np.array_equal(start, xor_run.state_dict()["lin1.weight"])
    xor_run.save(tmp_path / "run")
    again = nl.open_run(tmp_path / "run")
    copy = pickle.loads(pickle.dumps(xor_run))
    for other in (again, copy):
        assert np.array_equal(other.losses, xor_run.losses)
        assert all(np.array_equal(v, other.state_dict()[k]) for k, v in xor_run.state_dict().items())
    with pytest.raises(FileExistsError):
        xor_run.save(tmp_path / "run")
    assert "8004 steps" in repr(xor_run) and "<iframe" in xor_run._repr_mimebundle_()["text/html"]


def test_the_microscope(xor_run: nl.Run, tmp_path: Path) -> None:
    page = xor_run.explain("lin2.weight[1,3]", step=400)
    assert "4 paths from lin2.weight[1,3] to the loss" in repr(page)
    assert page["backward"] == pytest.approx(0.19733745, abs=1e-8)
    assert set(page._repr_mimebundle_()) == {"text/plain", "text/html", "text/markdown", "text/latex"}
    for kind in ("html", "md", "tex", "svg", "json", "txt"):
        page.save(tmp_path / f"page.{kind}")
    with pytest.raises(ValueError, match="expected a file that ends in"):
        page.save(tmp_path / "page.docx")
    assert "H#1_2" in repr(xor_run.neuron("H#1_2"))
    assert xor_run.check() and xor_run.check(step=0)["compared"] == 176
    curvature = xor_run.curvature()
    assert curvature["hessian"].shape == (44, 44)
    assert curvature["eigenvalues"].max() == pytest.approx(curvature["sharpness"])
    operations = xor_run.step_through(step=400)
    assert operations[1]["title"] == "H#1_0: weighted sum" and operations[-1]["title"] == "lin4.weight: update"
    with pytest.raises(nl.NeuronlabError, match=r"did you mean `lin2.weight|names of"):
        xor_run.explain("lin2.wight[1,3]")
    with pytest.raises(nl.NeuronlabError, match="the run has 8004 steps"):
        xor_run.explain("lin2.weight[1,3]", step=9000)
    with pytest.raises(ValueError, match="step: expected at least 0"):
        xor_run.explain("lin2.weight[1,3]", step=-1)
    with pytest.raises(TypeError, match="step: expected a whole number"):
        xor_run.explain("lin2.weight[1,3]", step=1.5)  # type: ignore[arg-type]
    pictures = ("loss", "network", "surface", "neurons", "weights", "gradients", "landscape", "graph", "animation")
    for what in pictures:
        assert str(xor_run.plot(what)).startswith("<svg")
    assert "step 8004: loss" in str(xor_run.plot("animation")) and "∂L/∂lin1.weight" in str(xor_run.plot("graph"))
    with pytest.raises(ValueError, match="graph or animation, got landscpe"):
        xor_run.plot("landscpe")


def test_a_wrong_gradient_is_found_and_named() -> None:
    run = nl.Experiment("xor-mse").start()
    net = nl.Sequential(*_layers())
    for (name, values), parameter in zip(run.state_dict().items(), net.parameters(), strict=True):
        assert name.startswith("lin")
        parameter.set(values)
    nl.MSELoss()(net([0.0, 1.0]), [1.0]).backward()
    names = list(run.state_dict())
    right = {name: np.asarray(p.grad) for name, p in zip(names, net.parameters(), strict=True)}
    assert run.check(right, sample=1)
    doubled = {name: 2 * gradient for name, gradient in right.items()}
    check = run.check(doubled, sample=1)
    assert not check and check["slips"][0]["may be"] == ["it is twice the gradient: there is a factor 2 too many"]
    zeros = {name: np.zeros_like(gradient) for name, gradient in right.items()}
    assert not run.check(zeros, sample=1)
    with pytest.raises(nl.NeuronlabError, match="lin9"):
        run.check({"lin9.weight": np.zeros((4, 4))}, sample=0)


def _layers() -> list[nl.nn.Module]:
    sizes = [2, 4, 4, 4, 1]
    layers: list[nl.nn.Module] = []
    for i, o in itertools.pairwise(sizes):
        layers += [nl.Linear(i, o, bias=False), nl.Tanh()]
    return layers[:-1]


def test_a_run_that_diverges_is_an_exception_with_the_run() -> None:
    exp = nl.Experiment("xor-mse", optimizer={"lr": 100.0})
    with pytest.raises(nl.DivergedError, match="step") as raised:
        exp.train()
    run = raised.value.run  # type: ignore[attr-defined]
    assert run.ended == "diverged" and 0 < run.steps < 8004
    assert run.steps == len(run.losses)


def test_every_value_of_a_run_shows_itself(xor_run: nl.Run) -> None:
    for shown in (xor_run, xor_run.history, xor_run.plot(), nl.Experiment("xor"), nl.Sequential(nl.Linear(2, 1))):
        bundle = shown._repr_mimebundle_()
        assert bundle["text/plain"]
        assert list(shown._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]


def test_checks_show_their_numbers() -> None:
    run = nl.Experiment("xor-mse").start()
    page = run.check()._repr_mimebundle_()["text/html"]
    assert "<th>backward pass</th>" in page and "agree with difference quotients" in page
    wrong = run.check({"lin1.weight[0,0]": 0.5})
    page = wrong._repr_mimebundle_()["text/html"]
    assert not wrong and "<td>lin1.weight[0,0]</td><td>0.5</td>" in page, page
    page = run.curvature()._repr_mimebundle_()["text/html"]
    assert "<th>eigenvalue</th>" in page and "sharpness" in page


def test_ctrl_c_leaves_a_run_that_goes_on(tmp_path: Path) -> None:
    code = """
import _thread, threading, time, neuronlab as nl
threading.Timer(0.3, _thread.interrupt_main).start()
begun = time.monotonic()
run = nl.Experiment("xor-mse", stop={"epochs": 5_000_000}).train(progress=False)
assert run.ended is None and run.steps > 0, run
assert time.monotonic() - begun < 10
print(run.steps)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "run.train() goes on" in done.stderr and int(done.stdout) > 0
