"""The lines of a timeline that a person marks with keys."""

from __future__ import annotations

from ralph.tui.timeline.item_list import ItemList, TimelineItem


class LineMark:
    """A mark from its first line to the present line.

    Each line is kept by its item and its position in the item, so lines that are inserted above move the mark along.
    """

    def __init__(self, model: ItemList) -> None:
        self._model = model
        self._began: tuple[TimelineItem, int] | None = None
        self._now: tuple[TimelineItem, int] | None = None

    @property
    def active(self) -> bool:
        return self._began is not None

    @property
    def line(self) -> int | None:
        """The present line, or None if nothing is marked or the item is gone."""
        return self._line(self._now)

    def begin(self, line: int) -> None:
        """Begin to mark at this line."""
        self._began = self._now = self._find_item(line)

    def end(self) -> None:
        self._began = self._now = None

    def extend(self, line: int) -> tuple[int, int]:
        """Go to this line. Return the first and the last marked line."""
        began = self._line(self._began)
        began = line if began is None else began
        self._now = self._find_item(line)
        return min(began, line), max(began, line)

    def _find_item(self, line: int) -> tuple[TimelineItem, int]:
        index = self._model.at(line)
        return self._model.items[index], line - self._model.top(index)

    def _line(self, held: tuple[TimelineItem, int] | None) -> int | None:
        index = self._model.index(held[0]) if held else None
        return self._model.top(index) + held[1] if held and index is not None else None
