"""Where a reader is: the line at the top of a view, told by the text before it, and found again in other lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from textual.strip import Strip

from ralph.tui.brush import Brush
from ralph.tui.timeline.item_list import Drawing, ItemList, TimelineItem
from ralph.tui.timeline.targets import Target, target_of

# What counts as text: letters and digits of all scripts, and pictographs. Borders, marks and blanks come and go with
# the width of a line.
_DRY = re.compile("[^\\w\U0001f000-\U0001faff]+")
# So many lines from there on are compared. Where they read otherwise, that many more are looked through: a reference
# link is shown by its name until its address comes, and then every line stands elsewhere.
CONTEXT = 8
FURTHER = 500

# Draws the item at an index; its height is exact from then on.
Drawn = Callable[[int], list[Strip]]


class Spot(NamedTuple):
    """A line among others: how much text stands before it, how many lines without any come first, its number."""

    ink: int
    lead: int
    at: int


def spot(strips: Sequence[Strip], at: int) -> Spot:
    """The line `at` of these, told so that another wrapping does not matter."""
    lead = 0
    while at + lead < len(strips) and not _ink(strips[at + lead]):
        lead += 1
    return Spot(sum(map(_ink, strips[:at])), lead, at)


def line_of(sought: Spot, strips: Sequence[Strip]) -> int:
    """Which of these lines it is; the nearest where there is less text now."""
    got = blank = 0
    for n, strip in enumerate(strips):
        ink = _ink(strip)
        got += ink
        if got > sought.ink:
            return n - min(sought.lead, blank)
        blank = 0 if ink else blank + 1
    return max(0, min(sought.at, len(strips) - 1))


class Anchor:
    """The line of an item. Taken before a change, asked after it; meanwhile others may draw what the item drew."""

    def __init__(self, model: ItemList, line: int, drawn: Drawn) -> None:
        index = model.at(line)
        self.item = model.items[index]
        self.within = line - model.top(index)
        self._index = index
        self._strips = drawn(index)
        self._place = target_of(self.item)
        self._before: list[Drawing] = []  # the parts of its answer that stand before it
        for item in _run_before(model, index, self._place):
            self._before.insert(0, item.drawing)

    @property
    def spot(self) -> Spot:
        """Its line in its item."""
        return spot(self._strips, self.within)

    def index(self, model: ItemList) -> int | None:
        """Where its item is, if it still is."""
        return model.index(self.item, self._index)

    def find(self, model: ItemList, drawn: Drawn, brush: Brush) -> int | None:
        """The line at which it stands now; None when its place is gone."""
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
        """What is drawn at its place from this item on, measured one by one."""
        while index < len(model) and target_of(model.items[index]) == self._place:
            yield drawn(index)
            index += 1

    def _first(self, model: ItemList) -> int | None:
        """The first item of its place, looked for from where it was."""
        where = self._place
        if where is None or not (where.turn or where.block):  # what ralph said, and notes between turns: many at one
            return None
        at = next((n for n in _around(self._index, len(model)) if target_of(model.items[n]) == where), None)
        while at and target_of(model.items[at - 1]) == where:
            at -= 1
        return at


def _lines(drawing: Drawing, brush: Brush, width: int) -> list[Strip]:
    try:
        return drawing.draw(brush, width)
    except Exception:  # noqa: BLE001 - border: one part that cannot be drawn costs the exact line, nothing else
        return []


def _run_before(model: ItemList, index: int, where: Target | None) -> Iterator[TimelineItem]:
    while where and where.part == "answer" and index and target_of(model.items[index - 1]) == where:
        index -= 1
        yield model.items[index]


def _around(index: int, count: int) -> Iterator[int]:
    """Numbers below `count`, the nearest first."""
    for off in range(max(index, count - index) + 1):
        for n in {index - off, index + off}:
            if 0 <= n < count:
                yield n


def _alike(words: Sequence[list[str]], lines: Sequence[list[str]], at: int) -> int:
    """The line that reads most as the old ones did, the nearest of such to `at`; else `at`."""
    most = max((_agreeing(words, lines, n), -abs(n - at), n) for n in range(len(lines))) if lines else (0, 0, at)
    return most[2] if most[0] else at


def _agreeing(words: Sequence[list[str]], lines: Sequence[list[str]], at: int) -> int:
    """How many lines from there on read the same; the widths of a table's columns may differ."""
    return sum(1 for old, new in zip(words, lines[at : at + CONTEXT], strict=False) if old and old == new)


def _words(strips: Sequence[Strip]) -> list[list[str]]:
    return [strip.text.split() for strip in strips]


def _ink(strip: Strip) -> int:
    return len(_DRY.sub("", strip.text))
