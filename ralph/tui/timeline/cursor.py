"""The block cursor. It stays on its block when the lines of the timeline move."""

from __future__ import annotations

from collections.abc import Iterator

from rich.segment import Segment
from textual.strip import Strip

from ralph.tui.timeline.item_list import ItemList, TimelineItem
from ralph.tui.timeline.targets import Target, target_of


class BlockCursor:
    """A cursor on an item, or on the first of the items of one answer. Items without lines are skipped."""

    def __init__(self, model: ItemList) -> None:
        self._model = model
        self.item: TimelineItem | None = None
        self.place: Target | None = None
        self._index = 0

    @property
    def index(self) -> int | None:
        """The item under the cursor. If it is gone: another item of its place, or the block at or before its index."""
        if self.item is None:
            return None
        items = self._model.items
        if self._index < len(items) and items[self._index] is self.item:
            return self._index
        found = self._model.index(self.item)
        if found is None:
            found = next((n for n, other in enumerate(items) if target_of(other) == self.place), None)
        if found is None:
            found = next(self._stops(min(self._index, len(items) - 1), -1), None)
        if found is None:
            self.clear()
            return None
        self.set(found)
        return self._index

    def clear(self) -> None:
        self.item = self.place = None

    def set(self, index: int) -> bool:
        """Go to the block of this item. Return False if it has none."""
        items = self._model.items
        if not 0 <= index < len(items) or target_of(items[index]) is None:
            return False
        index = self._first(index)
        self.item, self.place, self._index = items[index], target_of(items[index]), index
        return True

    def near(self, index: int) -> bool:
        """Go to the block at or before this item, or else to the first block after it."""
        for direction in (-1, 1):
            found = next(self._stops(index, direction), None)
            if found is not None:
                return self.set(found)
        return False

    def move(self, step: int) -> bool:
        """Go to the next block (1) or the previous one (-1). Return False at the end."""
        at = self.index
        if at is None:
            return False
        start = at - 1 if step < 0 else self._last(at) + 1
        found = next(self._stops(start, step), None)
        return found is not None and self.set(found)

    def edge(self, direction: int) -> bool:
        """Go to the first block (-1) or the last one (1)."""
        start = 0 if direction < 0 else len(self._model) - 1
        found = next(self._stops(start, -direction), None)
        return found is not None and self.set(found)

    def turn(self, direction: int) -> bool:
        """Go to the next question (1), or to the question of this turn (-1); from a question, to the previous one."""
        at = self.index
        if at is None:
            return False
        for n in self._stops(at + direction, direction):
            where = target_of(self._model.items[n])
            if where and where.part == "user":
                return self.set(n)
        return False

    def holds(self, item: TimelineItem) -> bool:
        """Return whether this item belongs to the block under the cursor."""
        if item is self.item:
            return True
        where = self.place
        return where is not None and where.part == "answer" and target_of(item) == where

    def lines(self) -> tuple[int, int] | None:
        """Return the first line of the block, and the line after its last."""
        at = self.index
        if at is None:
            return None
        last = self._last(at)
        return self._model.top(at), self._model.top(last) + self._model.items[last].height

    def in_sight(self, top: int, height: int) -> bool:
        """Return whether a view of this height, whose first line is `top`, shows a line of the block."""
        span = self.lines()
        return span is not None and span[0] < top + height and span[1] > top

    def count_hidden(self, top: int, height: int, step: int) -> int:
        """Return how many lines of the block are below such a view (`step` 1) or above it (-1); 0 out of sight."""
        span = self.lines()
        if span is None or not self.in_sight(top, height):
            return 0
        return max(0, span[1] - (top + height) if step > 0 else top - span[0])

    def _stops(self, start: int, direction: int) -> Iterator[int]:
        items = self._model.items
        at = start
        while 0 <= at < len(items):
            if target_of(items[at]) is not None and items[at].height:
                yield at
            at += direction

    def _first(self, index: int) -> int:
        items, where = self._model.items, target_of(self._model.items[index])
        while where and where.part == "answer" and index and target_of(items[index - 1]) == where:
            index -= 1
        return index

    def _last(self, index: int) -> int:
        items, where = self._model.items, target_of(self._model.items[index])
        while where and where.part == "answer" and index + 1 < len(items) and target_of(items[index + 1]) == where:
            index += 1
        return index


def top_that_shows(span: tuple[int, int], top: int, height: int, *, its_end: bool = False) -> int:
    """Return the first line of a view that shows these lines, as near as possible to `top`.

    A view shows the beginning of a longer block, or with `its_end` its end.
    """
    first, end = span
    if top <= first and end <= top + height:
        return top
    if end - first > height:
        return end - height if its_end else first
    return first if first < top else min(first, end - height)


def behind_glyph(strip: Strip, glyph: Segment) -> Strip:
    """Return the line with the glyph of the cursor in place of its first cell."""
    segments = list(strip)
    while segments and not segments[0].text:
        segments.pop(0)
    if segments:
        text, under, control = segments[0]
        segments[0] = Segment(text[1:], under, control)
    return Strip([glyph, *segments], max(1, strip.cell_length))
