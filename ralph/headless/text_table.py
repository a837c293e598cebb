"""A table as text: one name and figures, as wide as they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_GAP = "   "


def text_table(head: Sequence[str], rows: Iterable[Sequence[str]], total: Sequence[str]) -> str:
    """Return the lines of a table; the first column is set left, the others right, the total stands apart.

    Every cell is one line of clean text.
    """
    made = [head, *rows, total]
    widths = [max(map(_width, column)) for column in zip(*made, strict=True)]
    lines = [_line(row, widths) for row in made]
    rule = "─" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    return "\n".join(("", lines[0], f" {rule}", *lines[1:-1], "", lines[-1], ""))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = row
    cells = (" " * (width - _width(cell)) + cell for cell, width in zip(figures, widths[1:], strict=True))
    return f" {name}{' ' * (widths[0] - _width(name))}{_GAP}{_GAP.join(cells)}"


def _width(cell: str) -> int:
    """Return the columns of a terminal that the text takes."""
    if cell.isascii():
        return len(cell)
    from rich.cells import cell_len  # late: most names need no table of wide characters

    return cell_len(cell)
