"""A run: one training, every step of it, and what can be asked of it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from neuronlab import _neuronlab
from neuronlab._arrays import plain, unknown
from neuronlab._display import Picture, Shown, html_table, page, report_page, table
from neuronlab._progress import Progress
from neuronlab._values import Array

if TYPE_CHECKING:
    from neuronlab.experiment import Experiment


class Page(Shown):
    """What ``explain`` or ``neuron`` found: a page in a notebook, text in a terminal, numbers in :attr:`values`.

    Made by :meth:`Run.explain` and :meth:`Run.neuron`.
    """

    def __init__(self, engine: _neuronlab.Page) -> None:
        self._engine = engine
        self.values: dict[str, Any] = json.loads(engine.json)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def markdown(self) -> str:
        """The page as Markdown, with formulas that GitHub shows."""
        return self._engine.markdown

    @property
    def latex(self) -> str:
        """The page as LaTeX."""
        return self._engine.latex

    @property
    def picture(self) -> Picture | None:
        """The picture alone."""
        return None if self._engine.svg is None else Picture(self._engine.svg, self._engine.title)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page.

        Parameters
        ----------
        path
            A file that ends in ``.html``, ``.md``, ``.tex``, ``.svg``, ``.json`` or ``.txt``.

        Raises
        ------
        ValueError
            Another ending.
        """
        kind = Path(path).suffix
        texts = {
            ".html": self._engine.html, ".md": self._engine.markdown, ".tex": self._engine.latex,
            ".svg": self._engine.svg, ".json": self._engine.json, ".txt": self._engine.text,
        }  # fmt: skip
        text = texts.get(kind)
        if text is None:
            raise ValueError(f"expected a file that ends in {', '.join(k for k, v in texts.items() if v)}, got {path}")
        Path(path).write_text(text, encoding="utf-8")

    def _text(self) -> str:
        return self._engine.text

    def _html(self) -> str:
        return page(self._engine.html)

    def _markdown(self) -> str:
        return self._engine.markdown

    def _latex(self) -> str:
        return self._engine.latex


class Report(Shown):
    """Numbers and a sentence; :attr:`values` has them all. Made by a run."""

    def __init__(
        self, text: str, values: dict[str, Any], columns: dict[str, Any] | None = None, summary: str | None = None
    ) -> None:
        self._words, self.values = text, values
        self._page = report_page(summary or text, columns or {})

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def _text(self) -> str:
        return self._words

    def _html(self) -> str:
        return self._page


class Check(Report):
    """What a check of gradients found. True, as in ``if check:``, where all are right. Made by :meth:`Run.check`."""

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        wrong = self.values["wrong"]
        return not wrong

    def __bool__(self) -> bool:
        return self.right


class History(Mapping[str, Array], Shown):
    """Columns of a run, one number a step: epoch, step, loss, lr, and momentum where a schedule changes it.

    Made by :attr:`Run.history`.

    Examples
    --------
    >>> import neuronlab as nl
    >>> history = nl.Experiment("xor", stop={"epochs": 2}).train().history
    >>> list(history), history["loss"].shape
    (['epoch', 'step', 'loss', 'lr'], (8,))
    """

    def __init__(self, columns: dict[str, Array]) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> Array:
        if name not in self._columns:
            raise unknown("column", name, self._columns)
        return self._columns[name]

    def __iter__(self) -> Any:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def to_pandas(self) -> Any:
        """As a table of pandas (extra ``pandas``).

        Returns
        -------
        pandas.DataFrame
            A row a step.
        """
        import pandas

        return pandas.DataFrame(self._columns)

    def to_polars(self) -> Any:
        """As a table of polars (extra ``polars``).

        Returns
        -------
        polars.DataFrame
            A row a step.
        """
        import polars

        return polars.DataFrame(self._columns)

    def _text(self) -> str:
        return table(self._columns)

    def _html(self) -> str:
        return html_table(self._columns)


class Run(Shown):
    """One training: every step of it can be looked at, made again bit for bit.

    Made by :meth:`Experiment.train <neuronlab.Experiment.train>` or :func:`neuronlab.open_run`.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._engine = _neuronlab.Run(experiment._engine)

    @classmethod
    def _of(cls, engine: _neuronlab.Run) -> Run:
        new = cls.__new__(cls)
        new._engine = engine
        return new

    def train(self, progress: bool | None = None) -> Run:
        """Train on to the end. After Ctrl-C the run is as far as it came, and this goes on.

        Parameters
        ----------
        progress
            Whether a progress bar is shown (tqdm's, where it is installed); by default where somebody watches.

        Returns
        -------
        Run
            Itself.

        Raises
        ------
        DivergedError
            The loss or a parameter left the finite numbers. ``error.run`` is the run up to there.
        """
        bar = Progress(self.experiment._engine.epochs, "epoch", progress)
        bar(self.epochs)
        try:
            self._engine.train(bar)
        except KeyboardInterrupt:
            print(f"Interrupted after {self.steps} steps (epoch {self.epochs}); run.train() goes on.", file=sys.stderr)
        except _neuronlab.DivergedError as error:
            error.run = self  # type: ignore[attr-defined]
            raise
        finally:
            bar.close()
        return self

    @property
    def experiment(self) -> Experiment:
        """All there is to it."""
        from neuronlab.experiment import Experiment

        return Experiment._of(self._engine.experiment)

    @property
    def steps(self) -> int:
        """Steps done."""
        return self._engine.done[0]

    @property
    def epochs(self) -> int:
        """Whole epochs done."""
        return self._engine.done[1]

    @property
    def ended(self) -> str | None:
        """Why it is over: ``epochs``, ``loss_below``, ``patience``, ``diverged``; ``None`` where it can go on."""
        return "diverged" if self._engine.diverged else self._engine.ended

    @property
    def history(self) -> History:
        """Epoch, step, loss and learning rate of every step, as NumPy columns."""
        return History(self._engine.history())

    @property
    def losses(self) -> Array:
        """The loss of every step, before its update."""
        return self._engine.history()["loss"]

    def samples(self, step: int) -> list[int]:
        """Which training samples a step took.

        Parameters
        ----------
        step
            From 0.

        Returns
        -------
        list of int
            Their numbers, from 0; none where every step takes all.
        """
        return self._engine.samples(_whole("step", step))

    def state_dict(self, step: int | None = None) -> dict[str, Array]:
        """Parameters under PyTorch's names.

        Parameters
        ----------
        step
            As they were before this step, from 0; by default as they are.

        Returns
        -------
        dict of str to ndarray
            A weight is ``[out_features, in_features]``, a bias ``[out_features]``.
        """
        state = self._engine.state(_maybe("step", step))
        return {name: values.reshape(shape) for name, shape, values in state}

    def predict(self, inputs: ArrayLike) -> Array:
        """The network's outputs.

        Parameters
        ----------
        inputs
            ``[N, I]``, in the units of the data.

        Returns
        -------
        ndarray
            ``[N, O]``, in the units of the targets; of classes what the loss takes (weighted sums, for cross entropy).

        Raises
        ------
        TypeError, ValueError
            Another shape; what are no numbers; NaN or infinity.
        """
        x = np.ascontiguousarray(plain("inputs", inputs), np.float64)
        width, outputs = self._engine.width
        if x.ndim != 2 or x.shape[1] != width:
            raise ValueError(f"expected inputs of shape (rows, {width}), got {x.shape}")
        if not np.isfinite(x).all():
            raise ValueError("expected finite inputs, got NaN or infinity")
        if len(x) == 0:
            return np.zeros((0, outputs), self.experiment.dtype)
        return self._engine.predict(x).reshape(len(x), outputs)

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the outputs; none where the answers are numbers."""
        return self._engine.classes

    def evaluate(self) -> dict[str, dict[str, float]]:
        """How good it is, on the training samples and on those held back.

        Returns
        -------
        dict
            For ``training`` and, where there are such, ``held_back``: ``loss``, ``mean_absolute_error``, and ``right``,
            the share of right answers.
        """
        names = ("loss", "mean_absolute_error", "right")
        qualities = zip(("training", "held_back"), self._engine.quality(), strict=True)
        return {kind: dict(zip(names, quality, strict=True)) for kind, quality in qualities if quality is not None}

    @property
    def weights_hash(self) -> int:
        """A hash of the bits of all it has learned: the column ``weights`` of a sweep."""
        return self._engine.weights_hash

    @property
    def notes(self) -> list[str]:
        """What is unusual about the experiment and its data, and what is usually meant."""
        return self._engine.notes()

    def summary(self) -> str:
        """The table of the layers: shapes, parameters, multiplications.

        Returns
        -------
        str
        """
        return self._engine.summary()

    def explain(
        self, weight: str, step: int | None = None, sample: int | Sequence[int] | None = None, all_paths: bool = False
    ) -> Page:
        """Why a weight changes as it does: its gradient by the chain rule, with every factor.

        Parameters
        ----------
        weight
            Its name, such as ``"lin2.weight[1,3]"``.
        step
            The step, from 0; by default the last one made.
        sample
            Training samples instead of the step's own, from 0.
        all_paths
            Every path from the weight to the loss, instead of the largest.

        Returns
        -------
        Page

        Raises
        ------
        NeuronlabError
            A weight, a step or a sample that there is not.

        Examples
        --------
        >>> import neuronlab as nl
        >>> page = nl.Experiment("xor", stop={"epochs": 2}).train().explain("lin1.weight[0,0]", step=3)
        >>> print(page.picture)
        <svg...
        """
        return Page(self._engine.explain(weight, _maybe("step", step), _samples(sample), all_paths))

    def neuron(self, name: str, step: int | None = None) -> Page:
        """What a neuron does: its weights, its line, what it answers to every sample.

        Parameters
        ----------
        name
            Its name, such as ``"H#1_2"``: the second of the first hidden layer.
        step
            Before this step, from 0; by default the run as it is now.

        Returns
        -------
        Page

        Raises
        ------
        NeuronlabError
            A neuron or a step that there is not.
        """
        return Page(self._engine.neuron(name, _maybe("step", step)))

    def check(
        self,
        gradients: Mapping[str, Any] | Any = None,
        step: int | None = None,
        sample: int | Sequence[int] | None = None,
        tolerance: float | None = None,
    ) -> Check:
        """Are gradients right?

        Parameters
        ----------
        gradients
            Your own: arrays by names, ``{"lin1.weight": …}``, or ``module.named_parameters()`` of PyTorch after ``backward()``
            (parameters are then paired in their order). Without any, the backward pass is compared with difference quotients.
        step, sample
            The moment, and the training samples; by default the run as it is now, and its next samples.
        tolerance
            How far a gradient and a difference quotient may lie apart, relative to the larger; by default 1e-6.

        Returns
        -------
        Check
            True where all are right; else it says which are wrong, and which factor seems to be.

        Raises
        ------
        NeuronlabError
            A name or a shape that does not fit; a step or a sample that there is not.
        ValueError
            A parameter of PyTorch without a gradient.

        Examples
        --------
        >>> import neuronlab as nl
        >>> bool(nl.Experiment("xor-mse").start().check())
        True
        """
        if gradients is None:
            values = json.loads(self._engine.check(_maybe("step", step), _samples(sample), tolerance))
            names = {"parameter": "parameter", "backward pass": "backward", "difference": "difference"}
            columns = {name: [one[key] for one in values["worst"]] for name, key in names.items()}
            worst = "".join(f"\n  {c['parameter']}: {c['backward']} against {c['difference']}" for c in values["worst"][:3])
            if values["wrong"]:
                words = f"{values['wrong']} of {values['compared']} gradients are wrong:{worst}"
            else:
                words = f"{values['compared']} gradients agree with difference quotients within {values['tolerance']:g}."
            return Check(words, values, columns, words.split("\n")[0])
        given = self._named(gradients)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "gradients.json"
            file.write_text(json.dumps(given), encoding="utf-8")
            try:
                text = self._engine.diagnose(file, _maybe("step", step), _samples(sample))
            except _neuronlab.NeuronlabError as error:
                raise _neuronlab.NeuronlabError(str(error).replace(f"{file}: ", "gradients: ")) from None
        values = json.loads(text)
        if not values["wrong"]:
            return Check(f"All {values['given']} gradients are right.", values)
        lines = [f"{len(values['wrong'])} of {values['given']} gradients are wrong:"]
        for one in values["wrong"][:8]:
            lines.append(f"  {one['parameter']}: yours {one['given']:.6g}, right {one['right']:.6g}")
        lines += [f"  … and {len(values['wrong']) - 8} more"] if len(values["wrong"]) > 8 else []
        slips = [
            f"{slip['wrong']} of them: " + "; or ".join(slip["may be"] or ["no slip that is known gives these"])
            for slip in values["slips"]
        ]
        names = {"parameter": "parameter", "yours": "given", "right": "right"}
        columns = {name: [one[key] for one in values["wrong"]] for name, key in names.items()}
        return Check("\n".join(lines + slips), values, columns, "\n".join(lines[:1] + slips))

    def _named(self, gradients: Any) -> dict[str, Any]:
        ours = {name: shape for name, shape, _ in self._engine.state(None) if ".running_" not in name}
        pairs = list(gradients.items()) if isinstance(gradients, Mapping) else list(gradients)
        named: dict[str, Any] = {}
        for name, value in pairs:
            grad = value.grad if hasattr(value, "grad") and hasattr(value, "detach") else value
            if grad is None and getattr(value, "requires_grad", False) and getattr(value, "is_leaf", True):
                raise ValueError(f"{name}: no gradient; call backward() first")
            array = plain(name, value if grad is None else grad)
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite gradients, got NaN or infinity")
            named[str(name)] = array.tolist()
        torch = not isinstance(gradients, Mapping) and not any(name.split("[")[0] in ours for name in named)
        if torch and len(named) == len(ours):
            named = dict(zip(ours, named.values(), strict=True))
        return named

    def curvature(self, step: int | None = None, sample: int | Sequence[int] | None = None) -> Report:
        """The Hessian of the loss over some samples, its eigenvalues, and the limit of stability.

        Parameters
        ----------
        step
            From 0; by default the run as it is now.
        sample
            Training samples, from 0; by default all.

        Returns
        -------
        Report
            With ``names`` of the P parameters, ``gradient [P]``, ``hessian [P, P]``, ``eigenvalues [P]``, ``sharpness``
            (the largest), ``direction [P]`` (its eigenvector), and ``threshold``, above which the
            optimizer's steps are unstable.
        """
        values = json.loads(self._engine.curvature(_maybe("step", step), _samples(sample)))
        n = len(values["names"])
        for name in ("gradient", "eigenvalues", "direction"):
            values[name] = np.array(values[name])
        values["hessian"] = np.array(values["hessian"]).reshape(n, n)
        words = f"sharpness {values['sharpness']:.6g} (the largest eigenvalue of the Hessian, {n} parameters)"
        if values["threshold"] is not None:
            words += f"\nstable below {values['threshold']:.6g} = {values['formula']}"
        return Report(words, values, {"eigenvalue": values["eigenvalues"]})

    def step_through(self, step: int | None = None, sample: int | Sequence[int] | None = None) -> list[dict[str, str]]:
        """Every operation of a step in its order, with its numbers.

        Parameters
        ----------
        step
            From 0; by default the last one made.
        sample
            Training samples instead of the step's own, from 0.

        Returns
        -------
        list of dict
            With ``phase``, ``title`` and ``text`` of each operation.
        """
        operations: list[dict[str, str]] = json.loads(self._engine.operations(_maybe("step", step), _samples(sample)))
        return operations

    def plot(self, what: str = "loss") -> Picture:
        """A picture of the run.

        Parameters
        ----------
        what
            ``"loss"`` along the steps; the ``"network"`` with its weights; the ``"surface"`` of its answers over two
            inputs, and that of all its ``"neurons"``; the paths of ``"weights"`` and sizes of ``"gradients"`` over the
            run; the ``"landscape"`` of the loss over the run's two principal directions; the computation ``"graph"`` of
            the last step; the run as an ``"animation"``.

        Returns
        -------
        Picture

        Raises
        ------
        NeuronlabError
            Another word; a surface, or a film, of another number of inputs.
        """
        return Picture(self._engine.picture(what), f"the {what} of {self.experiment.name}")

    def report(self) -> str:
        """The page ``report.html``.

        Returns
        -------
        str
        """
        return self._engine.report()

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> None:
        """Write a results folder, as ``neuronlab train`` does: the command line and :func:`neuronlab.open_run` read it.

        Parameters
        ----------
        folder
            Where; made if it is not there.
        force
            Whether an earlier run there is replaced.

        Raises
        ------
        FileExistsError
            The folder holds something, and ``force`` is not set.
        """
        self._engine.save(folder, force)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._engine.diverged:
            return _again, (self.experiment,)
        folder = tempfile.mkdtemp()
        try:
            place = Path(folder) / "run"
            self.save(place)
            there = (file for file in place.iterdir() if file.is_file() and not file.name.startswith("."))
            files = {file.name: file.read_bytes() for file in there if file.name != "report.html"}
        finally:
            shutil.rmtree(folder)
        return _unpacked, (files,)

    def _text(self) -> str:
        experiment = self.experiment
        state = {None: "can go on", "diverged": "diverged"}.get(self.ended, "finished")
        lines = [f"Run of {experiment.name}: {self.steps} steps, {self.epochs} epochs, {state}"]
        if self._engine.diverged:
            lines.append(self._engine.diverged[3])
        elif self.steps:
            for kind, quality in self.evaluate().items():
                lines.append(
                    f"{kind.replace('_', ' ')}: loss {quality['loss']:.6g}, mean absolute error "
                    f"{quality['mean_absolute_error']:.6g}, right {100 * quality['right']:.1f} %"
                )
        return "\n".join([*lines, *(f"Unusual: {note}" for note in self.notes)])

    def _html(self) -> str:
        return page(self._engine.report())


def open_run(folder: str | os.PathLike[str]) -> Run:
    """The run in a results folder, of ``neuronlab train`` or :meth:`Run.save`.

    Parameters
    ----------
    folder
        The results folder.

    Returns
    -------
    Run

    Raises
    ------
    NeuronlabError
        The folder holds no run, or one of another version, or its files were changed.
    """
    return Run._of(_neuronlab.Run.open(folder))


def _again(experiment: Experiment) -> Run:
    try:
        return experiment.train(progress=False)
    except _neuronlab.DivergedError as error:
        run = error.run  # type: ignore[attr-defined]
        assert isinstance(run, Run)
        return run


def _unpacked(files: dict[str, bytes]) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return open_run(folder)


def _whole(what: str, number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
        raise TypeError(f"{what}: expected a whole number, got {number!r}")
    if not 0 <= number < 2**63:
        raise ValueError(f"{what}: expected at least 0, got {number}")
    return int(number)


def _maybe(what: str, number: Any) -> int | None:
    return None if number is None else _whole(what, number)


def _samples(sample: int | Sequence[int] | None) -> list[int] | None:
    if sample is None:
        return None
    numbers = [_whole("sample", one) for one in ([sample] if isinstance(sample, (int, np.integer)) else sample)]
    if any(number >= 2**32 for number in numbers):
        raise ValueError(f"sample: expected a sample of the data, got {max(numbers)}")
    return numbers
