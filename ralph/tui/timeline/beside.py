"""What runs out of sight, as rows: each model, what it does or how it ended, its time, its tokens, its cost."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.llm.usage import Cost, Usage, charged
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.turns import Turn
from ralph.tui.brush import Brush, Span, fit, right
from ralph.tui.formatting import tokens
from ralph.tui.text import one_line
from ralph.tui.timeline.layout import INDENT, SPINNER, STATES, Columns


@frozen
class Lane(Data):
    """A turn that runs out of sight, as far as it has come; `words` of its answer are there."""

    ref: str
    turn: Turn | None
    words: int
    now_ms: float

    @property
    def status(self) -> str | None:
        return self.turn.status if self.turn else None

    @property
    def took(self) -> float:
        """Its own time, without what it waited for; until its first event the time since it was asked for."""
        return turn_figures(self.turn, self.now_ms).own_ms or 0.0 if self.turn else self.now_ms

    def doing(self) -> str:
        """The step that it is at; and what of the answer is there."""
        steps = self.turn.blocks if self.turn else ()
        now = next((b for b in reversed(steps) if b.status is None), None)
        if now is None:
            return "begins" if not steps else ""
        if self.words and now.kind == "format":
            return f"format, {plural(self.words, 'word')} so far"
        waits = now.attempts[-1].waits if now.attempts and not now.attempts[-1].finished else now.waits
        return f"{now.kind}, waiting: {waits[-1].cause}" if waits else now.kind


@frozen
class BesideDrawing(Data):
    """A row for each; `frame` turns the spinners."""

    lanes: tuple[Lane, ...]
    frame: int = 0

    def guess(self, width: int) -> int:
        return len(self.lanes)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        longest = max((cell_len(one_line(lane.ref)) for lane in self.lanes), default=0)
        return [self._row(lane, min(longest, width // 3), brush, width) for lane in self.lanes]

    def _row(self, lane: Lane, named: int, brush: Brush, width: int) -> Strip:
        columns, status = Columns.of(width), lane.status
        done = [a.end for a in lane.turn.attempts if a.finished] if lane.turn else []
        used, cost = (lane.turn.usage, lane.turn.cost) if lane.turn else (Usage(), Cost())
        figures: list[Span] = [
            (right(seconds(lane.took), columns.time), "muted"),
            (right(tokens(used, columns.tokens), columns.tokens), "muted"),
            (right(charged(cost, used) if done else "", columns.cost), ""),
        ]
        glyph, style = (STATES[status], status) if status else (SPINNER[self.frame % len(SPINNER)], "running")
        left: list[Span] = [(f"{INDENT}│ ", "faint"), (f"{glyph} ", style), (fit(one_line(lane.ref), named), "muted")]
        room = width - sum(cell_len(text) for text, _ in (*left, *figures))
        return brush.line(*left, (fit(f"  {status or lane.doing()}", room), style if status else ""), *figures)
