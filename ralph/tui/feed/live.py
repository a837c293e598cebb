"""The running turn on the screen: its events are folded, and its text is drawn as it streams."""

from __future__ import annotations

from collections.abc import Callable

from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn, fold_turn
from ralph.tui.feed.sink import Chunk
from ralph.tui.text import ScreenCleaner
from ralph.tui.timeline.answers import LiveDrawing
from ralph.tui.timeline.blocks import Running

# More than the shown end of a tool's output needs.
OUTPUT_CHARACTERS = 8_000


class LiveTurn:
    """The running turn, fed from the sink. It folds lifecycle events, about 20 a turn, and never the deltas."""

    def __init__(self, number: int, began: float, timeline: Callable[[], Timeline]) -> None:
        self.number = number
        self.turn: Turn | None = None
        self._began = began
        self._timeline = timeline
        self._events: list[Envelope] = []
        self._changed = self._lost = False
        self.answers: dict[str, LiveDrawing] = {}
        self._thinking: dict[str, list[str]] = {}
        self._cleaners: dict[tuple[str, str], ScreenCleaner] = {}
        self._first: dict[str, float] = {}
        self._output: dict[str, str] = {}

    def add(self, item: Envelope | Chunk) -> bool:
        """Take in an event or a piece. Return True if more changed than the text of an answer that is already shown."""
        if isinstance(item, Chunk):
            return self._piece(item)
        if isinstance(item.event, ev.BlockDelta):
            self._restart(item.event)
        else:
            self._events.append(item)
            self._changed = True
        return True

    def fold(self) -> Turn | None:
        """Return the turn up to the last event."""
        if self._changed:
            self._changed = False
            # Use the fold of the conversation for a view that joined in mid-turn and has not seen the start. Use it at
            # the end too: that fold is kept, and a second fold would hold all of the turn once more.
            seen = {type(e.event) for e in self._events}
            own = not self._lost and ev.TurnStarted in seen and ev.TurnFinished not in seen
            self.turn = fold_turn(self._events) if own else self._timeline().turn(self.number)
        return self.turn

    def lose(self) -> None:
        """Use the fold of the conversation from now on, because an event may have been missed."""
        self._lost = self._changed = True

    def running(self, now: float, frame: int) -> Running:
        """Return what a running turn has beside its events. `now` is a time of the clock that gave `began`."""
        thinking = {block: "".join(parts) for block, parts in self._thinking.items()}
        now_ms = max(0.0, (now - self._began) * 1000)
        for block in (*self.answers, *self._thinking):
            self._first.setdefault(block, now_ms)
        return Running(now_ms, frame, self.answers, thinking, self._first, self._output)

    def _piece(self, chunk: Chunk) -> bool:
        text = self._cleaners.setdefault((chunk.block, chunk.channel), ScreenCleaner()).feed(chunk.text)
        if chunk.channel == "thinking":
            self._thinking.setdefault(chunk.block, []).append(text)
        if chunk.channel == "tool_output":
            self._output[chunk.block] = (self._output.get(chunk.block, "") + text)[-OUTPUT_CHARACTERS:]
            return True
        if chunk.channel != "text":
            return False
        first = chunk.block not in self.answers
        self.answers.setdefault(chunk.block, LiveDrawing(block=chunk.block)).feed(text)
        return first

    def _restart(self, delta: ev.BlockDelta) -> None:
        self._cleaners.pop((delta.block, delta.channel), None)
        if delta.channel == "text":
            self.answers[delta.block] = LiveDrawing(block=delta.block)
        elif delta.channel == "thinking":
            self._thinking.pop(delta.block, None)
