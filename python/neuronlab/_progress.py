"""A progress bar: tqdm's, where it is installed, else a plain line; nothing where nobody watches."""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any


class Progress:
    """Told how far the work is, again and again."""

    def __init__(self, total: int, unit: str, shown: bool | None) -> None:
        self._bar: Any = None
        self._total, self._unit, self._at, self._line = total, unit, 0, ""
        self._started = time.monotonic()
        self._shown = _watched() if shown is None else shown
        if not self._shown:
            return
        try:
            with warnings.catch_warnings():
                # Without ipywidgets it shows a line of text, and need not say so.
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm
        except ImportError:
            return
        self._bar = tqdm(total=total, unit=unit, leave=False, delay=0.5)

    def __call__(self, done: int) -> None:
        if not self._shown:
            return
        if self._bar is not None:
            self._bar.update(done - self._at)
        elif time.monotonic() - self._started > 0.5:
            self._line = f"\r{done:,} of {self._total:,} {self._unit}s"
            sys.stderr.write(self._line)
            sys.stderr.flush()
        self._at = done

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
        elif self._line:
            sys.stderr.write("\r" + " " * len(self._line) + "\r")


def _watched() -> bool:
    return "ipykernel" in sys.modules or sys.stderr.isatty()
