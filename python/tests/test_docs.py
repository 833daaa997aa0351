"""What the page shows is run."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"^```python ?(\w*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_the_pages_code_runs(place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, code = BLOCKS[place]
    compiled = compile(code, f"docs/python.md, block {place}", "exec")
    if kind == "skip":
        return
    if kind and importlib.util.find_spec(kind) is None:
        pytest.skip(f"{kind} is not installed")
    monkeypatch.chdir(tmp_path)
    exec(compiled, {"nl": importlib.import_module("neuronlab")})
