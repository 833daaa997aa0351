"""How values show themselves: in a notebook as pages and pictures, in a terminal as text."""

from __future__ import annotations

import html
from typing import Any


class Shown:
    """Something with a text, and maybe a page and a picture."""

    def _text(self) -> str:
        raise NotImplementedError

    def _html(self) -> str | None:
        return None

    def _svg(self) -> str | None:
        return None

    def _markdown(self) -> str | None:
        return None

    def _latex(self) -> str | None:
        return None

    def __repr__(self) -> str:
        return self._text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        kinds = {
            "text/plain": self._text(),
            "text/html": self._html(),
            "text/markdown": self._markdown(),
            "text/latex": self._latex(),
            "image/svg+xml": self._svg(),
        }
        bundle = {kind: text for kind, text in kinds.items() if text is not None}
        if include:
            bundle = {kind: text for kind, text in bundle.items() if kind in include}
        if exclude:
            bundle = {kind: text for kind, text in bundle.items() if kind not in exclude}
        return bundle


class Picture(Shown):
    """An SVG picture: shown in a notebook, saved with :meth:`save`, read as text with ``str()``.

    Parameters
    ----------
    svg
        The picture as text.
    title
        What it shows.
    """

    def __init__(self, svg: str, title: str = "picture") -> None:
        self._picture = svg
        self._title = title

    def __str__(self) -> str:
        return self._picture

    def _text(self) -> str:
        return f"<Picture of {self._title}; save it with .save('file.svg')>"

    def _svg(self) -> str:
        return self._picture

    def save(self, path: str) -> None:
        """Write the picture to an SVG file.

        Parameters
        ----------
        path
            The file; one that is there is replaced.
        """
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._picture)


def page(body: str) -> str:
    """A whole page within a page: its style touches nothing around it, and follows the notebook's light or dark."""
    return (
        '<iframe sandbox="allow-same-origin" style="width:100%;border:0" '
        "onload=\"this.style.height=this.contentDocument.documentElement.scrollHeight+'px'\" "
        f'srcdoc="{html.escape(body, quote=True)}"></iframe>'
    )


def _shown(columns: dict[str, Any], rows: int) -> tuple[int, list[int]]:
    """How many rows there are, and which are shown: of many the first and the last."""
    count = len(next(iter(columns.values()))) if columns else 0
    half = rows // 2
    return count, list(range(count)) if count <= rows else [*range(half), *range(count - half, count)]


def table(columns: dict[str, Any], rows: int = 20) -> str:
    """Columns as aligned text, the first and the last rows."""
    count, places = _shown(columns, rows)
    cells = [[name, *(_cell(values[i]) for i in places)] for name, values in columns.items()]
    widths = [max(len(cell) for cell in column) for column in cells]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in zip(*cells, strict=True)]
    if count > rows:
        lines.insert(1 + rows // 2, "…")
    return "\n".join(lines)


def html_table(columns: dict[str, Any], rows: int = 20) -> str:
    """The same as a table of HTML."""
    count, places = _shown(columns, rows)
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = []
    for at, i in enumerate(places):
        if count > rows and at == rows // 2:
            body.append(f'<tr><td colspan="{len(columns)}">…</td></tr>')
        body.append("<tr>" + "".join(f"<td>{html.escape(_cell(values[i]))}</td>" for values in columns.values()) + "</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table><p>{count} rows</p>"


def report_page(words: str, columns: dict[str, Any]) -> str:
    """Some sentences, and what they are about as a table."""
    paragraphs = "".join(f"<p>{html.escape(line.strip())}</p>" for line in words.splitlines() if line.strip())
    return paragraphs + (html_table(columns) if any(len(values) for values in columns.values()) else "")


def _cell(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return "-" if value != value else f"{value:.6g}"
    return str(value)
