"""What the rows of a turn have in common: glyphs, indents, columns, and text beside a bar."""

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
# Before a line that goes on with the one above it.
GOES_ON = f"{INNER}│↪"


@frozen
class Columns(Data):
    """The widths of a row's columns; what does not fit a narrow terminal is left out, least important first."""

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
        """These, and then with ever fewer: without the bar, the tokens, the cost, the model."""
        columns = self
        yield columns
        for name in ("bar", "tokens", "cost", "model"):
            if getattr(columns, name):
                columns = replace(columns, **{name: 0})
                yield columns

    @property
    def after_time(self) -> int:
        """Cells to the right of the time."""
        return self.tokens + self.cost + (self.bar + 2 if self.bar else 0)


def box(text: str, brush: Brush, width: int, most: int) -> list[Strip]:
    """Clean prose beside a bar; of a very long one the first lines, and how many more there are."""
    lines, edge = text.split("\n"), (BAR, "faint")
    made = brush.text("\n".join(lines[:most]), width, "muted", edge, edge)
    return made + _more(lines, most, brush)


def output(text: str, brush: Brush, width: int, most: int, *, whole: bool) -> list[Strip]:
    """Clean lines of a tool or a file beside a bar, each at its place: no words move to a next line.

    Of a line that is too long the beginning is shown and a mark, `…`; with `whole` it goes on under itself, behind
    another mark.
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
    """A long line in as many as it takes; copied and searched, it is one."""
    first, *rest = chop_cells(line, room)
    strips = [brush.line((BAR, "faint"), (first, "muted"))]
    strips += [brush.line((GOES_ON, "faint"), (part, "muted")) for part in rest]
    return [*(Wrapped(strip, strip.cell_length, "") for strip in strips[:-1]), strips[-1]]


def _more(lines: Sequence[str], most: int, brush: Brush) -> list[Strip]:
    more = len(lines) - most
    return [brush.line((f"{BAR}… {plural(more, 'more line')}", "faint"))] if more > 0 else []


def failure(sentence: str, brush: Brush, width: int) -> list[Strip]:
    """A failure: the sentence that says what to do."""
    strips = brush.text(clean(sentence), width - 7, "failed")
    return brush.prefix(strips, (f"{INNER}▌ ", "failed"), (f"{INNER}▌ ", "failed"))
