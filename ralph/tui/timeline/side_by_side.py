"""Answers of several models, side by side if the width allows, and otherwise one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.tui.brush import Brush, Span, fit
from ralph.tui.text import clean, one_line
from ralph.tui.timeline.answers import markdown
from ralph.tui.timeline.layout import INDENT

# The fewest cells of an answer beside another one: two stand side by side from 100 columns on.
LEAST = 46
GAP = " │ "
# The most characters of a streaming answer that each beat draws, from its end.
LIVE_CHARACTERS = 6_000


@frozen
class Column(Data):
    """One model: its name, its state in a styled word, its answer so far, and its figures.

    `folded` is the most lines of the answer, or None for all. `end`: a cut answer shows its end.
    """

    name: str
    state: Span
    text: str
    figures: str
    failed: str = ""
    folded: int | None = None
    end: bool = False


def draw(columns: Sequence[Column], brush: Brush, width: int) -> list[Strip]:
    """Draw as many columns beside each other as fit, in rows of equal length."""
    room = width - cell_len(INDENT)
    beside = max(1, min(len(columns), (room + len(GAP)) // (LEAST + len(GAP))))
    rows = -(-len(columns) // beside)
    beside = -(-len(columns) // rows)  # four columns make two and two, not three and one
    each = (room - len(GAP) * (beside - 1)) // beside
    lines: list[Strip] = []
    for start in range(0, len(columns), beside):
        if start:
            lines.append(Strip.blank(0))
        lines += _row([_lines(column, brush, each) for column in columns[start : start + beside]], brush, each)
    return lines


def _row(parts: Sequence[tuple[list[Strip], list[Strip]]], brush: Brush, each: int) -> list[Strip]:
    """Draw columns of one height, with the figures of all of them in one line below."""
    tall = max(len(body) for body, _ in parts)
    filled = [[*body, *[Strip.blank(0)] * (tall - len(body)), *foot] for body, foot in parts]
    made: list[Strip] = []
    for n in range(max(len(lines) for lines in filled)):
        segments: list[Segment] = [Segment(INDENT, brush.rich())]
        for at, lines in enumerate(filled):
            strip = lines[n] if n < len(lines) else Strip.blank(0)
            last = at == len(filled) - 1
            segments += strip if last else [*strip, Segment(" " * max(0, each - strip.cell_length), brush.rich())]
            segments += [] if last else [Segment(GAP, brush.rich("faint"))]
        made.append(Strip(segments))
    return made


def _lines(column: Column, brush: Brush, width: int) -> tuple[list[Strip], list[Strip]]:
    """Return the name, the state and the answer of a column, and its foot."""
    state, style = column.state
    name = fit(one_line(column.name), max(1, min(cell_len(one_line(column.name)), width - cell_len(state) - 2)))
    body = [brush.line((name, "user"), ("  ", ""), (fit(state, min(cell_len(state), width)), style))]
    text = clean(column.text).strip()
    if column.end and len(text) > LIVE_CHARACTERS:
        text = text[-LIVE_CHARACTERS:].partition("\n")[2] or text[-LIVE_CHARACTERS:]
    answer = [strip.crop(0, width) for strip in markdown(brush).strips(text, width)] if text else []
    if column.folded is not None and len(answer) > column.folded:
        more = plural(len(answer) - column.folded, "more line")
        key = brush.key("block.fold", "Enter")
        answer = [*answer[: column.folded], brush.line((fit(f"… {more}, {key}", width).rstrip(), "faint"))]
    body += answer
    if column.failed:
        body += brush.text(clean(column.failed), width, "failed")
    return body, brush.text(column.figures, width, "muted")
