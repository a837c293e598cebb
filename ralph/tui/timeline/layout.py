"""The common parts of the rows of a turn: glyphs, indents, columns, and text beside a bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.cells import cell_len, chop_cells
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.tui.brush import Brush, Wrapped, fit
from ralph.tui.text import clean

GLYPHS: Mapping[str, str] = {"route": "⇢", "tool": "⚙", "format": "◆", "summarise": "≡", "note": "·", "user": "❯"}
STATES: Mapping[str, str] = {"ok": "✓", "skipped": "–", "failed": "✗", "cancelled": "■", "interrupted": "!"}
SPINNER = "◐◓◑◒"
INDENT = "   "
INNER = "     "
BAR = f"{INNER}│ "
# The prefix of a line that continues the line above it.
GOES_ON = f"{INNER}│↪"


@frozen
class Columns(Data):
    """The widths of a row's columns in cells. A narrow terminal leaves columns out, the least important first."""

    model: int
    time: int
    tokens: int
    cost: int
    bar: int

    @classmethod
    def of(cls, width: int) -> Columns:
        if width >= 110:
            return cls(17, 7, 14, 11, 16 if width >= 150 else 10)
        if width >= 88:
            return cls(17, 7, 14, 11, 0)
        if width >= 70:
            return cls(17, 6, 12, 10, 0)
        return cls(0, 7, 0, 10 if width >= 50 else 0, 0)

    def narrower(self) -> Iterator[Columns]:
        """Yield these columns, then fewer and fewer: without the bar, the tokens, the cost, the model."""
        columns = self
        yield columns
        for name in ("bar", "tokens", "cost", "model"):
            if getattr(columns, name):
                columns = replace(columns, **{name: 0})
                yield columns

    @property
    def after_time(self) -> int:
        """The cells to the right of the time."""
        return self.tokens + self.cost + (self.bar + 2 if self.bar else 0)


def box(text: str, brush: Brush, width: int, most: int) -> list[Strip]:
    """Draw clean prose beside a bar: at most `most` lines of it, and the number of the others."""
    lines, edge = text.split("\n"), (BAR, "faint")
    made = brush.text("\n".join(lines[:most]), width, "muted", edge, edge)
    return made + _more(lines, most, brush)


def output(text: str, brush: Brush, width: int, most: int, *, whole: bool) -> list[Strip]:
    """Draw clean lines of a tool or a file beside a bar. No words move to another line.

    A line that is too long shows its beginning and the mark `…`. With `whole` it continues on lines with another mark.
    """
    lines, room = text.split("\n"), max(4, width - cell_len(BAR))
    made: list[Strip] = []
    for line in lines[:most]:
        if cell_len(line) <= room:
            made.append(brush.line((BAR, "faint"), (line, "muted")))
        elif not whole:
            made.append(brush.line((BAR, "faint"), (fit(line, room), "muted")))
        else:
            made += _fold_line(line, brush, room)
    return made + _more(lines, most, brush)


def _fold_line(line: str, brush: Brush, room: int) -> list[Strip]:
    """Draw a long line on as many lines as needed. Copying and searching treat them as one."""
    first, *rest = chop_cells(line, room)
    strips = [brush.line((BAR, "faint"), (first, "muted"))]
    strips += [brush.line((GOES_ON, "faint"), (part, "muted")) for part in rest]
    return [*(Wrapped(strip, strip.cell_length, "") for strip in strips[:-1]), strips[-1]]


def _more(lines: Sequence[str], most: int, brush: Brush) -> list[Strip]:
    more = len(lines) - most
    return [brush.line((f"{BAR}… {plural(more, 'more line')}", "faint"))] if more > 0 else []


def failure(sentence: str, brush: Brush, width: int) -> list[Strip]:
    """Draw a failure: the sentence that says what to do."""
    strips = brush.text(clean(sentence), width - 7, "failed")
    return brush.prefix(strips, (f"{INNER}▌ ", "failed"), (f"{INNER}▌ ", "failed"))
