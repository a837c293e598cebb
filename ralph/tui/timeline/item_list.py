"""The lines of a timeline: items with measured or guessed heights, and the item at each line."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from textual.strip import Strip

from ralph.tui.brush import Brush

# Strips are kept for the last seen lines, up to this many: 1,500 lines take 8 MB with everything that Textual caches.
# To draw an item again takes 1 to 5 ms.
KEPT_LINES = 600
# Each new item is compared with this many old items at most. A turn has about 20. A comparison of 14,000 with each of
# 100 took 1.3 s.
LOOK_AHEAD = 64


class Drawing(Protocol):
    """The content of an item. Equal drawings look the same, so their strips are kept."""

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        """Return the lines at this width in cells."""
        ...

    def guess(self, width: int) -> int:
        """Return the estimated number of lines, without drawing: a thousand characters take some microseconds."""
        ...


@dataclass(eq=False, slots=True)
class TimelineItem:
    """One entry of the timeline. Its height is a guess until the entry has been drawn (`exact`)."""

    drawing: Drawing
    height: int = 0
    exact: bool = False


class ItemList:
    """Items at one width, with prefix sums of their heights. A change renews the sums from its item on."""

    def __init__(self, kept_lines: int = KEPT_LINES) -> None:
        self.items: list[TimelineItem] = []
        self.width = 0
        self.version = 0  # changes when a line may have moved
        self._tops: list[int] = [0]
        self._dirty = 0
        self._kept_lines = kept_lines
        self._strips: OrderedDict[TimelineItem, list[Strip]] = OrderedDict()
        self._lines = 0

    def __len__(self) -> int:
        return len(self.items)

    @property
    def total(self) -> int:
        """The number of lines of all items."""
        self._flush()
        return self._tops[-1]

    def top(self, index: int) -> int:
        """Return the first line of an item."""
        self._flush()
        return self._tops[index]

    def at(self, line: int) -> int:
        """Return the item that shows this line, or the nearest item. The list must not be empty."""
        self._flush()
        return max(0, min(len(self.items) - 1, bisect_right(self._tops, line) - 1))

    def index(self, item: TimelineItem, near: int = 0) -> int | None:
        """Return the index of an item, or None if it is gone. `near` is the likely index."""
        if near < len(self.items) and self.items[near] is item:
            return near
        return next((n for n, other in enumerate(self.items) if other is item), None)

    def splice(self, start: int, stop: int, drawings: Sequence[Drawing]) -> None:
        """Replace the items `start:stop` by items with these drawings. An item with an equal drawing is kept."""
        old = self.items[start:stop]
        new: list[TimelineItem] = []
        at = 0  # the items before this index in `old` are used up
        for drawing in drawings:
            near = range(at, min(at + LOOK_AHEAD, len(old)))
            kept = next((n for n in near if old[n].drawing == drawing), None)
            if kept is None:
                new.append(TimelineItem(drawing, self._guess(drawing) if self.width else 0))
            else:
                old[kept].drawing = drawing  # an equal drawing may refer to newer data
                new.append(old[kept])
                at = kept + 1
        for item in set(old) - set(new):
            self._forget(item)
        self.items[start:stop] = new
        self._move(start)

    def clear(self) -> None:
        """Remove all items, because another timeline opens: a comparison would be useless."""
        self.splice(0, len(self.items), ())

    def strips(self, index: int, brush: Brush) -> list[Strip]:
        """Return the lines of an item, and draw them if they are not kept. The height is exact after that."""
        item = self.items[index]
        found = self._strips.get(item)
        if found is None:
            found = item.drawing.draw(brush, self.width)
            self._keep(item, found)
            self._measure(index, len(found))
        else:
            self._strips.move_to_end(item)
        return found

    def redraw(self, index: int) -> None:
        """Forget the lines of an item that has changed. Its height stays until it is drawn."""
        self._forget(self.items[index])
        self.items[index].exact = False

    def resize(self, width: int) -> None:
        """Set another width, and guess every height again."""
        self.width = width
        self._strips.clear()
        self._lines = 0
        for item in self.items:
            item.height, item.exact = self._guess(item.drawing), False
        self._move(0)

    def restyle(self) -> None:
        """Forget all lines, because the colours changed. The heights stay."""
        self._strips.clear()
        self._lines = 0

    def _guess(self, drawing: Drawing) -> int:
        try:
            return drawing.guess(self.width)
        except Exception:  # noqa: BLE001 - border: an item that cannot be guessed counts one line until it is drawn
            return 1

    def _measure(self, index: int, height: int) -> None:
        item = self.items[index]
        if item.height != height:
            item.height = height
            self._move(index)
        item.exact = True

    def _move(self, index: int) -> None:
        """Mark the positions after this item as unknown."""
        self._dirty = min(self._dirty, index)
        self.version += 1

    def _flush(self) -> None:
        start = min(self._dirty, len(self.items))
        if start < len(self.items) or len(self._tops) != len(self.items) + 1:
            heights = (item.height for item in self.items[start:])
            self._tops[start:] = accumulate(heights, initial=self._tops[start])
            self._dirty = len(self.items)

    def _keep(self, item: TimelineItem, strips: list[Strip]) -> None:
        self._strips[item] = strips
        self._lines += len(strips)
        while self._lines > self._kept_lines and len(self._strips) > 1:
            _, dropped = self._strips.popitem(last=False)
            self._lines -= len(dropped)

    def _forget(self, item: TimelineItem) -> None:
        self._lines -= len(self._strips.pop(item, ()))
