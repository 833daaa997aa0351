"""Every public name is documented, in NumPy's style; what examples show is what is printed."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from neuronlab import _neuronlab

# A module, and what it needs beside NumPy.
MODULES = {
    "neuronlab": None,
    "neuronlab._values": None,
    "neuronlab.distributed": None,
    "neuronlab.experiment": None,
    "neuronlab.init": None,
    "neuronlab.lr_scheduler": None,
    "neuronlab.nn": None,
    "neuronlab.optim": None,
    "neuronlab.run": None,
    "neuronlab.sweep": None,
    "neuronlab.sklearn": "sklearn",
    "neuronlab.torch": None,
}
# Where what others offer is written.
WRITTEN = (
    "neuronlab._display",
    "neuronlab._random",
    *(f"neuronlab.nn.{name}" for name in ("activations", "layers", "losses", "module")),
)
NOTHING = (None, "None", inspect.Signature.empty)
# A layer, an activation, a loss, an optimizer, a schedule: its formula or its paper, and its name in PyTorch.
NAMED_AFTER_PYTORCH = ("neuronlab.nn", "neuronlab.optim", "neuronlab.lr_scheduler", "neuronlab.init")


def module_called(name: str) -> ModuleType:
    needs = MODULES.get(name)
    if needs is not None and importlib.util.find_spec(needs) is None:
        pytest.skip(f"{needs} is not installed")
    return importlib.import_module(name)


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Classes and functions that a module offers: those it lists, or those that are written in it."""
    listed = getattr(module, "__all__", None)
    for name, value in vars(module).items():
        if inspect.isclass(value) or inspect.isfunction(value):
            offered = name in listed if listed is not None else value.__module__ == module.__name__ and name[0] != "_"
            if offered and value.__module__.startswith("neuronlab"):
                yield name, value


def methods(cls: type) -> Iterator[tuple[str, str, Any]]:
    """What a class offers, its parents' of this package, too: where it is written, its name, and it."""
    seen: set[str] = set()
    for parent in cls.__mro__:
        if parent.__module__.startswith("neuronlab"):
            own = {name: value for name, value in vars(parent).items() if name[0] != "_" and name not in seen}
            seen |= own.keys()
            yield from ((f"{parent.__module__}.{parent.__qualname__}", name, value) for name, value in own.items())


def sections(doc: str) -> dict[str, str]:
    """The text below each underlined heading."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", inspect.cleandoc(doc), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(doc: str) -> list[str]:
    """Names in the section Parameters: at the beginning of a line, several with commas."""
    heads = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: :.*)?$", sections(doc).get("Parameters", ""), re.MULTILINE)
    return [name.lstrip("*") for head in heads for name in head.split(", ")]


def parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def faults_of_function(place: str, function: Callable[..., Any], doc: str) -> Iterator[str]:
    wanted, found = parameters(function), documented(doc)
    if wanted != found:
        yield f"{place}: takes {wanted}, documents {found}"
    returns = inspect.signature(function).return_annotation
    gives = [head for head in ("Returns", "Yields") if sections(doc).get(head, "").strip()]
    if returns not in NOTHING and not gives:
        yield f"{place}: gives {returns}, without a section Returns"


def faults(place: str, value: Any) -> Iterator[str]:
    doc = inspect.getdoc(value)
    if not doc or not doc.strip():
        yield f"{place}: no docstring"
        return
    if len(doc.split("\n\n")[0].splitlines()) > 2:
        yield f"{place}: the summary is long"
    if inspect.isfunction(value):
        yield from faults_of_function(place, value, doc)
    if not inspect.isclass(value):
        return
    wanted = parameters(value.__init__) if value.__init__ is not object.__init__ else []
    own = value.__doc__ or ""
    # What only this package makes has a constructor of its own that nobody calls.
    made_elsewhere = "Made by" in own
    if not made_elsewhere and not issubclass(value, BaseException) and wanted != documented(own):
        yield f"{place}: takes {wanted}, documents {documented(own)}"
    for where, name, member in methods(value):
        function = getattr(member, "__func__", member)
        text = inspect.getdoc(getattr(value, name))
        if isinstance(member, property) or not inspect.isfunction(function):
            if isinstance(member, property) and not text:
                yield f"{where}.{name}: no docstring"
        elif not text:
            yield f"{where}.{name}: no docstring"
        else:
            yield from faults_of_function(f"{where}.{name}", function, text)


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_documented(name: str) -> None:
    module = module_called(name)
    found = [fault for called, value in public(module) for fault in faults(f"{name}.{called}", value)]
    assert module.__doc__ and not found, "\n".join(sorted(set(found)))


@pytest.mark.parametrize("name", NAMED_AFTER_PYTORCH)
def test_what_is_named_after_pytorch_says_after_what(name: str) -> None:
    bases = {"Activation", "Layer", "LRScheduler", "Loss", "Optimizer", "given_"}
    without = [
        called
        for called, value in public(importlib.import_module(name))
        if called not in bases and not re.search(rf"``torch\.[\w.]*\.{called}``", value.__doc__ or "")
    ]
    assert not without


def test_what_the_compiled_module_exports_is_documented() -> None:
    without = []
    for name in (name for name in dir(_neuronlab) if not name.startswith("_")):
        value = getattr(_neuronlab, name)
        places = [(name, value)]
        if inspect.isclass(value) and not issubclass(value, BaseException):
            places += [(f"{name}.{member}", getattr(value, member)) for member in vars(value) if not member.startswith("_")]
        without += [place for place, what in places if not (getattr(what, "__doc__", None) or "").strip()]
    assert not without


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*MODULES, *WRITTEN])
def test_examples_show_what_is_printed(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    module = module_called(name)
    monkeypatch.chdir(tmp_path)
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).failed == 0


def test_a_fault_is_found() -> None:
    def half(x: int, y: int) -> int:
        """Half.

        Parameters
        ----------
        x
            A number.
        """
        return x + y

    def bare(x: int) -> None: ...

    class Thing:
        """A thing."""

        def __init__(self, size: int) -> None: ...
        def grow(self) -> None: ...

    assert list(faults("half", half)) == [
        "half: takes ['x', 'y'], documents ['x']",
        "half: gives int, without a section Returns",
    ]
    assert list(faults("bare", bare)) == ["bare: no docstring"]
    assert list(faults("Thing", Thing)) == ["Thing: takes ['size'], documents []"]
