"""The rows of conversations that run out of sight: their answers stand side by side in the timeline meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.clock import Clock
from ralph.core.ports.conversation import Conversation
from ralph.core.timeline.turns import Turn
from ralph.tui.feed.live import LiveTurn
from ralph.tui.feed.sink import Chunk, Sink
from ralph.tui.timeline.beside import BesideDrawing, Lane
from ralph.tui.timeline.view import TimelineView

PULSE_S = 1 / 8


class SideRuns:
    """The rows of several conversations until `close` removes them. The caller then shows the result."""

    def __init__(self, view: TimelineView, clock: Clock, conversations: Sequence[Conversation]) -> None:
        """Insert the rows, and scroll to them: a person who sends a message wants to see the answer."""
        self._view = view
        self._clock = clock
        self._began = clock.monotonic()
        self._runners = [_Runner(conversation, self._began) for conversation in conversations]
        self._frame = 0
        self._shown = self._drawing()
        end = len(view.model)
        view.replace(end, end, [self._shown])
        view.reveal(end)
        self._pulse = view.set_interval(PULSE_S, self._beat)

    def close(self) -> None:
        self._pulse.stop()
        for runner in self._runners:
            runner.close()
        at = self._at()
        if at is not None:
            self._view.replace(at, at + 1, [])

    def _beat(self) -> None:
        at = self._at()
        if at is None:  # another timeline is open
            self._pulse.stop()
            return
        self._frame += 1
        follows = self._view.follow
        self._shown = self._drawing()
        self._view.swap(at, self._shown)
        if follows:
            self._view.end()

    def _drawing(self) -> BesideDrawing:
        now_ms = (self._clock.monotonic() - self._began) * 1000
        return BesideDrawing(tuple(runner.lane(now_ms) for runner in self._runners), self._frame)

    def _at(self) -> int | None:
        items = self._view.model.items
        return next((n for n in range(len(items) - 1, -1, -1) if items[n].drawing is self._shown), None)


class _Runner:
    """One of the conversations: its turn is folded from its events, its answer is the text so far."""

    def __init__(self, conversation: Conversation, began: float) -> None:
        self._conversation = conversation
        self._sink = Sink(lambda: None)
        timeline = conversation.timeline()
        open_ = bool(timeline.turns) and timeline.turns[-1].status is None
        self._live = LiveTurn(timeline.last_turn + (not open_), began, conversation.timeline)
        conversation.attach(self._sink)

    def close(self) -> None:
        self._conversation.detach(self._sink)

    def lane(self, now_ms: float) -> Lane:
        for item in self._sink.drain():
            if isinstance(item, Chunk) or item.turn == self._live.number:
                self._live.add(item)
        turn = self._live.fold()
        answers = [answer.text for block, answer in self._live.answers.items() if _answers(turn, block)]
        return Lane(self._conversation.roles.get("format", ""), turn, answers[-1] if answers else "", now_ms)


def _answers(turn: Turn | None, block: str) -> bool:
    """Return whether a block is of the format step. The text of the route and of the tool step is no answer."""
    return any(one.id == block and one.kind == "format" for one in (turn.blocks if turn else ()))
