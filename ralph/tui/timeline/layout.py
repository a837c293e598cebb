"""What the rows of a turn have in common: glyphs, indents, columns, and text beside a bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.tui.brush import Brush
from ralph.tui.text import clean

GLYPHS: Mapping[str, str] = {"route": "⇢", "tool": "⚙", "format": "◆", "summarise": "≡", "note": "·", "user": "❯"}
STATES: Mapping[str, str] = {"ok": "✓", "skipped": "–", "failed": "✗", "cancelled": "■", "interrupted": "!"}
SPINNER = "◐◓◑◒"
INDENT = "   "
INNER = "     "


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


def boxed(text: str, brush: Brush, width: int, most: int) -> list[Strip]:
    """Clean text beside a bar; of a very long one the first lines, and how many more there are."""
    lines, edge = text.split("\n"), (f"{INNER}│ ", "faint")
    made = brush.text("\n".join(lines[:most]), width, "muted", edge, edge)
    if len(lines) > most:
        made.append(brush.line((f"{INNER}│ … {plural(len(lines) - most, 'more line')}", "faint")))
    return made


def failure(sentence: str, brush: Brush, width: int) -> list[Strip]:
    """A failure: the sentence that says what to do."""
    strips = brush.text(clean(sentence), width - 7, "failed")
    return brush.prefixed(strips, (f"{INNER}▌ ", "failed"), (f"{INNER}▌ ", "failed"))
