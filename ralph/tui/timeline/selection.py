"""The selection in a timeline. It is kept by items, so lines may move, and it includes lines out of sight."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from ralph.tui.brush import Wrapped
from ralph.tui.timeline.item_list import ItemList, TimelineItem
from ralph.tui.timeline.targets import Target, target_of

INDENT_CELLS = 3
_EDGES = " ▌│"
_JOINER, _TEXT_MARKS = "\u200d", "\ufe0e\ufe0f"


class SelectedText:
    """A selection that stays with its text. Each end is a line of an item, or the edge of the timeline."""

    def __init__(self, selection: Selection, model: ItemList) -> None:
        self._model = model
        self._ends = tuple(self._hold(end) for end in selection)
        self._seen: tuple[int, Selection | None] = (-1, None)

    def now(self) -> Selection | None:
        """Return the selection in present lines, or None if the item of an end is gone."""
        version, found = self._seen
        if version != self._model.version:
            found = self._find()
            self._seen = self._model.version, found
        return found

    def _hold(self, end: Offset | None) -> tuple[TimelineItem, Target | None, int, int] | None:
        model = self._model
        if end is None or not len(model):
            return None
        index = model.at(end.y)
        item = model.items[index]
        return item, target_of(item), end.y - model.top(index), end.x

    def _find(self) -> Selection | None:
        made: list[Offset | None] = []
        for end in self._ends:
            if end is None:
                made.append(None)
                continue
            item, where, within, x = end
            index = self._model.index(item)
            if index is None and where:  # other items draw a finished answer at the same place
                places = (n for n, other in enumerate(self._model.items) if target_of(other) == where)
                index = next(places, None)
            if index is None:
                return None
            made.append(Offset(x, self._model.top(index) + within))
        return Selection(made[0], made[1])


def copy_text(selection: Selection, total: int, line: Callable[[int], Strip | None]) -> str:
    """Return the text of a selection. Wrapped lines are joined again, and the common indent is left out."""
    first = selection.start.y if selection.start else 0
    last = min(selection.end.y if selection.end else total - 1, total - 1)
    made = ""
    glue = "\n"
    for at in range(first, last + 1):
        strip = line(at)
        text = strip.text if strip else ""
        start, end = selection.get_span(at) or (0, -1)
        start, end = whole(text, start, end)
        goes_on = isinstance(strip, Wrapped) and end >= len(text.rstrip())
        text = text[start:end].rstrip()
        if start == 0:
            text = text.lstrip(_EDGES) if glue != "\n" else _outdent(text)
        made += (glue if at > first else "") + text
        glue = strip.glue if goes_on and isinstance(strip, Wrapped) else "\n"
    return made


def whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span, widened so that no visible character is cut. An `end` below 0 is the end of the text."""
    end = len(text) if end < 0 else min(end, len(text))
    while 0 < start < len(text) and _is_joined(text, start):
        start -= 1
    while 0 < end < len(text) and _is_joined(text, end):
        end += 1
    return start, end


def mark(strip: Strip, spans: Sequence[tuple[int, int, RichStyle]]) -> Strip:
    """Return the strip with a style on the characters of each span. Spans are in order and do not overlap."""
    made: list[Segment] = []
    at, spans = 0, list(spans)
    for text, style, control in strip:
        begin, stop = at, at + len(text)
        at = stop
        while begin < stop:
            while spans and spans[0][1] <= begin:
                spans.pop(0)
            if not spans or spans[0][0] >= stop:
                made.append(Segment(text[begin - stop :], style, control))
                break
            start, end, post = spans[0]
            if start > begin:
                made.append(Segment(text[begin - stop : start - stop], style, control))
                begin = start
            upto = min(end, stop)
            part = text[begin - stop : upto - stop or None]
            made.append(Segment(part, style + post if style else post, control))
            begin = upto
    return Strip(made, strip.cell_length)


def column(text: str, cell: int) -> int:
    """Return the index of the character that covers a cell, or the length of the text after its end."""
    if text.isascii():
        return min(cell, len(text))
    at = 0
    while at < len(text):
        _, end = whole(text, at, at + 1)
        if cell_len(text[:end]) > cell:
            break
        at = end
    return at


def word(text: str, at: int) -> tuple[int, int]:
    """Return the start and the end of the word around a character, or of that character alone."""

    def inside(n: int) -> bool:
        return text[n].isalnum() or text[n] in "_-./:@%+#~"

    start = end = max(0, min(at, len(text) - 1))
    if not text or not inside(start):
        return start, min(len(text), start + 1)
    while start > 0 and inside(start - 1):
        start -= 1
    while end < len(text) and inside(end):
        end += 1
    return start, end


def _is_joined(text: str, at: int) -> bool:
    """Return whether the character at `at` joins the one before it."""
    here = text[at]
    if here == _JOINER or here in _TEXT_MARKS or text[at - 1] == _JOINER or unicodedata.combining(here):
        return True
    return "\U0001f3fb" <= here <= "\U0001f3ff"


def _outdent(text: str) -> str:
    return text[INDENT_CELLS:] if text[:INDENT_CELLS].isspace() else text
