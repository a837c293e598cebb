"""The place of a reader: the line at the top of a view. It is found again by its text after the lines have changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from textual.strip import Strip

from ralph.tui.brush import Brush
from ralph.tui.timeline.item_list import Drawing, ItemList, TimelineItem
from ralph.tui.timeline.targets import Target, target_of

# Everything that is not text. Text is letters and digits of all scripts, and pictographs. Borders, marks and blanks
# change with the width of a line.
_DRY = re.compile("[^\\w\U0001f000-\U0001faff]+")
# `CONTEXT` lines from the place on are compared. If they differ, `FURTHER` more lines are searched: a reference link
# shows its name until its address comes, and then every line moves.
CONTEXT = 8
FURTHER = 500

# Draws the item at an index. The height of the item is exact after that.
Drawn = Callable[[int], list[Strip]]


class Spot(NamedTuple):
    """A line among others.

    `ink` is the amount of text before it, in characters. `lead` is the number of lines without text before its own
    text. `at` is its number.
    """

    ink: int
    lead: int
    at: int


def spot(strips: Sequence[Strip], at: int) -> Spot:
    """Return the place of the line `at` in a form that does not depend on the wrapping."""
    lead = 0
    while at + lead < len(strips) and not _ink(strips[at + lead]):
        lead += 1
    return Spot(sum(map(_ink, strips[:at])), lead, at)


def line_of(sought: Spot, strips: Sequence[Strip]) -> int:
    """Return the number of the line at this place, or the nearest line if there is less text now."""
    got = blank = 0
    for n, strip in enumerate(strips):
        ink = _ink(strip)
        got += ink
        if got > sought.ink:
            return n - min(sought.lead, blank)
        blank = 0 if ink else blank + 1
    return max(0, min(sought.at, len(strips) - 1))


class Anchor:
    """The line of an item at the top of a view. Make it before a change, and call `find` after the change.

    Other items may draw the text of the item by then.
    """

    def __init__(self, model: ItemList, line: int, drawn: Drawn) -> None:
        index = model.at(line)
        self.item = model.items[index]
        self.within = line - model.top(index)
        self._index = index
        self._strips = drawn(index)
        self._place = target_of(self.item)
        self._before: list[Drawing] = []  # the drawings of the same answer before this item
        for item in _run_before(model, index, self._place):
            self._before.insert(0, item.drawing)

    @property
    def spot(self) -> Spot:
        """The place of the line within its item."""
        return spot(self._strips, self.within)

    def index(self, model: ItemList) -> int | None:
        """Return the index of the item, or None if it is gone."""
        return model.index(self.item, self._index)

    def find(self, model: ItemList, drawn: Drawn, brush: Brush) -> int | None:
        """Return the present number of the line, or None if its place is gone."""
        index = self.index(model)
        if index is not None:
            return model.top(index) + max(0, min(self.within, model.items[index].height - 1))
        first = self._first(model)
        if first is None:
            return None
        old = [strip for drawing in self._before for strip in _lines(drawing, brush, model.width)]
        at = len(old) + self.within
        old += self._strips
        sought, words = spot(old, at), _words(old[at : at + CONTEXT])
        now: list[Strip] = []
        rest = self._rest(model, first, drawn)
        ink = 0
        for strips in rest:
            now += strips
            ink += sum(map(_ink, strips))
            if ink > sought.ink:
                break
        line = line_of(sought, now)
        seen = words[: len(now) - line]
        if _agreeing(seen, _words(now), line) < sum(map(bool, seen)):
            further = len(now) + FURTHER
            for strips in rest:
                now += strips
                if len(now) >= further:
                    break
            line = _alike(words, _words(now), line)
        return model.top(first) + line

    def _rest(self, model: ItemList, index: int, drawn: Drawn) -> Iterator[list[Strip]]:
        """Yield the lines of the items at this place, measured one by one."""
        while index < len(model) and target_of(model.items[index]) == self._place:
            yield drawn(index)
            index += 1

    def _first(self, model: ItemList) -> int | None:
        """Return the index of the first item at this place, or None. The search begins at the old index."""
        where = self._place
        # Many words of ralph, and many notes between turns, share one place.
        if where is None or not (where.turn or where.block):
            return None
        at = next((n for n in _around(self._index, len(model)) if target_of(model.items[n]) == where), None)
        while at and target_of(model.items[at - 1]) == where:
            at -= 1
        return at


def _lines(drawing: Drawing, brush: Brush, width: int) -> list[Strip]:
    try:
        return drawing.draw(brush, width)
    except Exception:  # noqa: BLE001 - border: a part that cannot be drawn costs only the exact line
        return []


def _run_before(model: ItemList, index: int, where: Target | None) -> Iterator[TimelineItem]:
    while where and where.part == "answer" and index and target_of(model.items[index - 1]) == where:
        index -= 1
        yield model.items[index]


def _around(index: int, count: int) -> Iterator[int]:
    """Yield the numbers below `count`, the nearest to `index` first."""
    for off in range(max(index, count - index) + 1):
        for n in {index - off, index + off}:
            if 0 <= n < count:
                yield n


def _alike(words: Sequence[list[str]], lines: Sequence[list[str]], at: int) -> int:
    """Return the line whose next lines agree most with `words`, the nearest to `at` among equals, or `at`."""
    most = max((_agreeing(words, lines, n), -abs(n - at), n) for n in range(len(lines))) if lines else (0, 0, at)
    return most[2] if most[0] else at


def _agreeing(words: Sequence[list[str]], lines: Sequence[list[str]], at: int) -> int:
    """Return how many lines from `at` on have the same words. The column widths of a table may differ."""
    return sum(1 for old, new in zip(words, lines[at : at + CONTEXT], strict=False) if old and old == new)


def _words(strips: Sequence[Strip]) -> list[list[str]]:
    return [strip.text.split() for strip in strips]


def _ink(strip: Strip) -> int:
    return len(_DRY.sub("", strip.text))
