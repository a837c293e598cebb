"""The rows of the running turn in the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.tui.timeline.answers import LiveDrawing
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.view import TimelineView


class RunningRows:
    """The position of the rows. Rows that are inserted above them move the position.

    With no rows, the position may belong to another timeline.
    """

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._start = self._count = 0

    def begin(self) -> None:
        """Start a turn at the end of the timeline."""
        self._start, self._count = len(self._view.model), 0

    def move(self, rows: int) -> None:
        """Move the rows by the number of rows that were inserted above them (negative: removed)."""
        self._start += rows

    def show(self, made: Sequence[Drawing]) -> None:
        """Redraw the rows that changed, and insert new rows."""
        items = self._view.model.items[self._start : self._start + self._count]
        if len(made) != self._count or any(type(i.drawing) is not type(d) for i, d in zip(items, made, strict=True)):
            self.replace(made)
            return
        for n, drawing in enumerate(made):
            if items[n].drawing != drawing:
                self._view.swap(self._start + n, drawing)
            else:
                items[n].drawing = drawing

    def replace(self, made: Sequence[Drawing]) -> None:
        """Replace all rows."""
        self._view.replace(self._start, self._start + self._count, made)
        self._count = len(made)

    def flush(self) -> None:
        """Draw the text that has come for an answer."""
        for n in range(self._start, self._start + self._count):
            drawing = self._view.model.items[n].drawing
            if isinstance(drawing, LiveDrawing) and drawing.dirty:
                self._view.redraw(n)

    def ripen(self, live: LiveDrawing, parts: Sequence[Drawing], *, runs: bool) -> None:
        """Replace a live drawing by the parts of its long answer. `runs`: a turn runs, perhaps a later one."""
        at = next((n for n, item in enumerate(self._view.model.items) if item.drawing is live), None)
        if at is None:
            return
        self._view.replace(at, at + 1, parts)
        if runs and self._start <= at < self._start + self._count:
            self._count += len(parts) - 1
