"""The folding of the steps in a timeline: of all steps, or of one block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ralph.core.log.ids import turn_of
from ralph.core.timeline.turns import Turn
from ralph.tui.feed.source import TimelineSource
from ralph.tui.timeline.blocks import UserDrawing
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.steps import StepDrawing
from ralph.tui.timeline.targets import target_of
from ralph.tui.timeline.view import TimelineView
from ralph.tui.timeline.waterfall import WaterfallDrawing


class Folding:
    """The fold state of a view. `now` is the present state. `beat` draws the running turn, which folds the same way."""

    def __init__(
        self, view: TimelineView, followed: Callable[[], TimelineSource | None], beat: Callable[[], None]
    ) -> None:
        self.now = FoldState()
        self._view = view
        self._followed = followed
        self._beat = beat

    def reset(self) -> None:
        """Forget the single blocks that were folded or unfolded, because another timeline opens."""
        self.now = replace(self.now, opened=frozenset(), closed=frozenset())

    def see(self, look: FoldState) -> None:
        """Apply a fold state to every step."""
        self.now = look
        followed = self._followed()
        turns = {t.number: t for t in followed.timeline().turns} if followed else {}
        for item in self._view.model.items:
            item.drawing = self._apply(item.drawing, turns)
        self._view.restyle()
        self._beat()

    def details(self) -> None:
        """Show the details of every step, or hide them."""
        self.see(FoldState(not self.now.details, self.now.thinking))

    def thinking(self) -> None:
        """Show all thinking, or hide it."""
        self.see(FoldState(self.now.details, not self.now.thinking))

    def fold(self, block: str) -> None:
        """Fold or unfold one block."""
        self.now = self.now.toggle(block)
        self._again(block)

    def unfold(self, block: str) -> None:
        """Show all of one block if a part of it is folded."""
        if not self.now.of(block).whole:
            self.now = self.now.open(block)
            self._again(block)

    def _again(self, block: str) -> None:
        followed = self._followed()
        turn = followed.timeline().turn(turn_of(block)) if followed else None
        turns = {turn.number: turn} if turn else {}
        for n, item in enumerate(self._view.model.items):
            found = target_of(item)
            made = self._apply(item.drawing, turns) if found and found.block == block else item.drawing
            if made != item.drawing:
                self._view.swap(n, made)
        self._beat()

    def _apply(self, drawing: Drawing, turns: Mapping[int, Turn]) -> Drawing:
        """Return the drawing with the present fold state."""
        if isinstance(drawing, StepDrawing | UserDrawing):
            return replace(drawing, look=self.now.of(drawing.place.block))
        if isinstance(drawing, WaterfallDrawing) and (turn := turns.get(drawing.number)):
            return drawing.of(turn, self.now)
        return drawing
