"""The rows of the running turn, in the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.tui.timeline.answers import LiveDrawing
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.view import TimelineView


class RunningRows:
    """Knows where they stand: what is put in above them moves them along. With none, their place may be another
    timeline's."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._start = self._count = 0

    def begin(self) -> None:
        """A turn begins at the end of the timeline."""
        self._start, self._count = len(self._view.model), 0

    def move(self, rows: int) -> None:
        """So many rows were put in above them, or taken away."""
        self._start += rows

    def show(self, made: Sequence[Drawing]) -> None:
        """Draw the turn so: rows that changed are drawn anew, new ones are put in."""
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
        """Put these in the place of all of them."""
        self._view.replace(self._start, self._start + self._count, made)
        self._count = len(made)

    def flush(self) -> None:
        """Draw what has come of an answer."""
        for n in range(self._start, self._start + self._count):
            drawing = self._view.model.items[n].drawing
            if isinstance(drawing, LiveDrawing) and drawing.dirty:
                self._view.redraw(n)

    def ripen(self, live: LiveDrawing, parts: Sequence[Drawing], *, runs: bool) -> None:
        """Put the parts of a long answer in the place of what was live. `runs`: its turn may still run, or be over."""
        at = next((n for n, item in enumerate(self._view.model.items) if item.drawing is live), None)
        if at is None:
            return
        self._view.replace(at, at + 1, parts)
        if runs and self._start <= at < self._start + self._count:
            self._count += len(parts) - 1
