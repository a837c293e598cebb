"""The search in a timeline: which texts contain the words, and where the matches stand in drawn lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.log.codec import dumps, plain
from ralph.core.timeline.turns import Block
from ralph.tui.brush import Wrapped
from ralph.tui.text import clean
from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing
from ralph.tui.timeline.blocks import NoteDrawing, SayDrawing, UserDrawing
from ralph.tui.timeline.item_list import Drawing, TimelineItem
from ralph.tui.timeline.steps import StepDrawing

_EDGES = " ▌│"
_MARKS = re.compile(r"\*\*|__|`")
# A line, the start and the end in its characters, and the number of the match within its item.
Piece = tuple[int, int, int, int]


def fold(text: str) -> str:
    """Return the text as it is compared: case and runs of white space do not count."""
    return " ".join(text.casefold().split())


def source(drawing: Drawing) -> str:
    """Return the text that a drawing shows unfolded. Figures and names of models are not searched."""
    match drawing:
        case UserDrawing():
            text = f"{drawing.prompt}\n{drawing.context}"
        case StepDrawing():
            text = _of_step(drawing.block, drawing.live)
        case AnswerDrawing():
            text = drawing.part.source()
        case LiveDrawing() | NoteDrawing():
            text = drawing.text
        case SayDrawing():
            text = f"{drawing.command}\n{drawing.text}"
        case _:
            text = ""
    return clean(text)


def _of_step(block: Block, live: str) -> str:
    parts = [block.thinking or live]
    for call in block.calls:
        parts += [call.name, dumps(plain(call.arguments)), call.output]
    if block.kind in ("tool", "summarise"):
        parts.append(block.text)
    parts += [note.text for note in block.notes]
    parts += [str(block.data.get("reason", "")), block.reason or "", block.error.message if block.error else ""]
    return "\n".join(p for p in parts if p)


class Folded:
    """The folded texts of items. Each is made on first use."""

    def __init__(self) -> None:
        self._kept: dict[TimelineItem, tuple[Drawing, str, str]] = {}
        self._whole = ("", "")  # a long answer and its folded text: the parts of one answer come one after the other

    def count(self, item: TimelineItem, sought: str) -> int:
        """Return how often an item contains the folded words. Markup between the words is ignored."""
        drawing = item.drawing
        # The text of a part is known only after a parse of the whole answer, which takes longer than this check.
        if isinstance(drawing, AnswerDrawing) and drawing.part.of > 1 and not self._holds(drawing.part.text, sought):
            return 0
        kept = self._kept.get(item)
        if kept is None or kept[0] is not drawing or isinstance(drawing, LiveDrawing):
            text = fold(source(drawing))
            bare = fold(_MARKS.sub("", text)) if isinstance(drawing, AnswerDrawing | LiveDrawing | SayDrawing) else text
            kept = self._kept[item] = (drawing, text, bare)
        return kept[2].count(sought) or kept[1].count(sought)

    def _holds(self, whole: str, sought: str) -> bool:
        if self._whole[0] is not whole:
            text = clean(whole)
            self._whole = (whole, f"{fold(text)}\n{fold(_MARKS.sub('', text))}")
        return sought in self._whole[1]


@frozen
class Hits(Data):
    """The items with matches, in order, each with its number of matches."""

    items: tuple[tuple[TimelineItem, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _, count in self.items)

    def place(self, number: int) -> tuple[TimelineItem, int]:
        """Return the item of the match `number` (from 0), and the number of the match within the item."""
        for item, count in self.items:
            if number < count:
                return item, number
            number -= count
        raise IndexError(number)


class Matches:
    """The marked matches on the screen. `current` is the item and the number of the chosen match."""

    def __init__(self, sought: str, current: tuple[TimelineItem, int] | None = None) -> None:
        self.sought = fold(sought)
        self.current = current
        self._kept: dict[TimelineItem, tuple[list[Strip], list[Piece]]] = {}

    def spans(
        self, item: TimelineItem, strips: list[Strip], line: int, wrapped: Callable[[], list[Strip]]
    ) -> list[tuple[int, int, bool]]:
        """Return the matches in one line of an item: start, end, and whether the match is the chosen one."""
        pieces = self._pieces(item, strips, wrapped)
        last = pieces[-1][3] if pieces else 0
        chosen = min(self.current[1], last) if self.current and self.current[0] is item else -1
        return [(start, end, nth == chosen) for at, start, end, nth in pieces if at == line]

    def lines(self, strips: list[Strip]) -> list[int]:
        """Return the line in which each match begins."""
        begun: dict[int, int] = {}
        for line, _, _, nth in matches(strips, self.sought):
            begun.setdefault(nth, line)
        return list(begun.values())

    def _pieces(self, item: TimelineItem, strips: list[Strip], wrapped: Callable[[], list[Strip]]) -> list[Piece]:
        kept = self._kept.get(item)
        if kept is None or kept[0] is not strips:
            kept = self._kept[item] = (strips, matches(wrapped(), self.sought))
        return kept[1]


def matches(strips: Sequence[Strip], sought: str) -> list[Piece]:
    """Return the matches in drawn lines, also those that continue on a wrapped line."""
    if not sought:
        return []
    chars: list[str] = []
    where: list[tuple[int, int]] = []
    for line, strip in enumerate(strips):
        text = strip.text.rstrip()
        column = len(text) - len(text.lstrip(_EDGES))
        for at in range(column, len(text)):
            for char in text[at].casefold():
                if char.isspace() and chars and chars[-1] == " ":
                    continue
                chars.append(" " if char.isspace() else char)
                where.append((line, at))
        glue = strip.glue if isinstance(strip, Wrapped) else "\n"
        if glue and chars and chars[-1] != " ":
            chars.append(" ")
            where.append((line, len(text)))
    joined, made, at, nth = "".join(chars), [], 0, 0
    while (at := joined.find(sought, at)) >= 0:
        end = at + len(sought)
        made += _split(where[at:end], nth)
        at, nth = end, nth + 1
    return made


def _split(places: Sequence[tuple[int, int]], nth: int) -> list[Piece]:
    """Return a match as one span for each of its lines."""
    made: list[Piece] = []
    for line in dict.fromkeys(line for line, _ in places):
        columns = [column for at, column in places if at == line]
        made.append((line, columns[0], columns[-1] + 1, nth))
    return made
