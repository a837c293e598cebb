"""The way from a conversation to the screen: recorded turns, running turns, and the words of ralph."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.timer import Timer

from ralph.core.clock import Clock
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.feed.between_turns import BetweenTurns, draw_turn, end_of, past, pieces
from ralph.tui.feed.deferred_parse import DeferredParse
from ralph.tui.feed.folding import Folding
from ralph.tui.feed.live import LiveTurn
from ralph.tui.feed.mistakes import Mistakes
from ralph.tui.feed.running_rows import RunningRows
from ralph.tui.feed.sink import Chunk, Sink
from ralph.tui.feed.source import TimelineSource
from ralph.tui.timeline.answers import LiveDrawing
from ralph.tui.timeline.blocks import SayDrawing, WelcomeDrawing, drawings
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.view import TimelineView

log = logging.getLogger("ralph.tui")

# More turns than a screen shows. The turns before these are read when the program is idle.
FIRST_TURNS = 12
FRAME_S = 1 / 30
PULSE_S = 1 / 8
# Seconds between two pieces of earlier turns, so that a key is answered soon.
REST_S = 0.004
# The events that may change the lines around the timeline. Each redraw of these lines folds the timeline.
TELLING = (ev.TimelineOpened, ev.TimelineChanged, ev.RolesChanged, ev.AttemptFinished, ev.TurnFinished)
IN_PART = "a part of the turn could not be shown, but it is recorded"
AT_A_BEAT = "a running turn could not be shown"


class Feed:
    """A feed that shows a conversation. One ticker drains the events that came, and pauses while none come.

    `changed` is called when the lines around the timeline may have changed. `began` is the start of the turn on
    `clock`.
    """

    def __init__(
        self, view: TimelineView, clock: Clock, changed: Callable[[], None], *, began: float | None = None
    ) -> None:
        self.view = view
        self.folding = Folding(view, lambda: self._conversation, self.beat)
        self._clock = clock
        self._changed = changed
        self._began = began
        self._held = False
        self._mistakes = Mistakes(lambda words: self.say(words, "failed", reveal=False), self._mend)
        self._conversation: TimelineSource | None = None
        self._ticker: Timer = view.set_interval(FRAME_S, self._tick, pause=True)
        self._sink = Sink(self._ticker.resume, lambda: view.call_next(self._hurry))
        self._live: LiveTurn | None = None
        self._work = BetweenTurns(view, clock)
        self._first = 0  # the first turn on the screen, if there are earlier ones
        self._marked = False  # whether a line above that turn says that the earlier ones could not be read
        self._over = 0  # the last turn that is shown to its end
        self._rows = RunningRows(view)
        self._structure = self._working = False  # what the next frame redraws: rows, work between turns
        self._frame = 0
        self._ripening = DeferredParse(view, self._ripe)
        self._pulse: Timer = view.set_interval(PULSE_S, self.beat, pause=True)

    @property
    def busy(self) -> bool:
        """Whether a part of a turn is not shown yet."""
        return self._live is not None or self._sink.waiting

    def open(self, conversation: TimelineSource, *, stay: bool = False) -> None:
        """Show this conversation and follow it. With `stay` the reader keeps the scroll position if possible."""
        self.close()
        self._conversation = conversation
        timeline = conversation.timeline()
        self.folding.reset()
        self._first = timeline.turns[0].number if conversation.partial and timeline.turns else 0
        shown: list[Drawing] = past(end_of(timeline) if self._first else timeline, self.folding.now)
        if not timeline.turns and not shown:
            shown = [WelcomeDrawing(tuple(conversation.roles.items()))]
        if stay:
            self.view.replace(0, len(self.view.model), shown)
        else:
            self.view.reset(shown)
        conversation.attach(self._sink)
        self._work_on(timeline.work)
        self._changed()

    async def earlier(self) -> bool:
        """Insert the earlier turns of a timeline whose last turns are shown. A person can type meanwhile.

        Return whether there were earlier turns and all of them were inserted.
        """
        conversation = self._conversation
        if not conversation or not self._first:
            return False
        first, self._first = self._first, 0
        try:
            whole = await conversation.whole()
        except Exception:  # border: the caller reports the error; here the read may be tried again
            if conversation is self._conversation:
                self._first = first
                self._mark(True)
            raise
        if conversation is self._conversation:
            self._mark(False)
        there = self._work.list_shown()
        whole = replace(whole, work=tuple(b for b in whole.work if b.id not in there))
        for piece in pieces(whole, first):
            if conversation is not self._conversation:
                return False
            made = past(piece, self.folding.now)
            self.view.replace(0, 0, made)
            self._rows.move(len(made))
            await asyncio.sleep(REST_S)
        self._changed()
        return True

    def _mark(self, missing: bool) -> None:
        """Say at the top that earlier turns are missing, or remove that line."""
        if missing is self._marked:
            return
        self._marked = missing
        words = f"Everything before turn {self._first} is missing here: it could not be read."
        self.view.replace(0, int(not missing), [SayDrawing(words, "failed")] if missing else [])
        self._rows.move(1 if missing else -1)

    def close(self) -> None:
        """Stop following. No event of the old conversation reaches the screen after this call."""
        if self._conversation:
            self._conversation.detach(self._sink)
        self._sink.drain()
        self._conversation = self._live = None
        self._over, self._marked = 0, False
        self._work.close()
        self._ripening.close()
        self._pulse.pause()

    @property
    def empty(self) -> bool:
        """Whether this timeline has no question yet."""
        items = self.view.model.items
        return bool(items) and isinstance(items[0].drawing, WelcomeDrawing)

    def welcome(self, made: WelcomeDrawing) -> None:
        """Replace the words of an empty timeline."""
        if self.empty and self.view.model.items[0].drawing != made:
            self.view.replace(0, 1, [made])

    def say(self, text: str, style: str = "faint", *, reveal: bool = True, command: str = "") -> SayDrawing:
        """Add words of ralph at the end. With `reveal` scroll to them, else scroll only if the view follows the end."""
        end = len(self.view.model)
        follows = self.view.follow
        made = SayDrawing(text, style, command)
        self.view.replace(end, end, [made])
        if follows or reveal:
            self.view.reveal(end)
        return made

    def ends_with(self, drawing: Drawing | None) -> bool:
        """Return whether `drawing` is the last one."""
        items = self.view.model.items
        return bool(items) and items[-1].drawing is drawing

    def hold(self, still: bool) -> None:
        """Stop or resume the clock and the spinner of a running turn."""
        self._held = still
        if still:
            self._pulse.pause()
        elif self._live:
            self._pulse.resume()

    def catch_up(self) -> None:
        """Show all events that have come now."""
        self._take(self._sink.drain())

    def _tick(self) -> None:
        waiting = self._sink.drain_frame()
        if not waiting:
            self._ticker.pause()
            return
        if self._sink.waiting:
            self._ticker.reset()  # the rest comes a whole frame later, when these words are painted
        self._take(waiting)

    def _hurry(self) -> None:
        if self._sink.texts:
            self._tick()

    def _take(self, waiting: Sequence[Envelope | Chunk]) -> None:
        for item in waiting:
            self._mistakes.guard(IN_PART, self._add, item)
        self._mistakes.guard(IN_PART, self._draw)
        if any(isinstance(i, Envelope) and isinstance(i.event, TELLING) for i in waiting):
            self._mistakes.guard(IN_PART, self._changed)

    def _add(self, item: Envelope | Chunk) -> None:
        """Take in one event or piece. The end of the frame draws it."""
        if isinstance(item, Envelope):
            if item.turn == 0:
                self._working |= self._work.take(item.event, told=self.empty)
                return
            if isinstance(item.event, ev.RolesChanged):
                self._work.change(item.event)  # the change stands under the running turn: it applies to the next turn
                return
            if item.turn <= self._over:
                return
            self._structure = True
            if self._live is None or self._live.number != item.turn:
                self._mistakes.guard(IN_PART, self._show)  # one turn may end and the next begin within a frame
                self._begin(item.turn)
        if self._live and self._live.add(item):
            self._structure = True

    def _draw(self) -> None:
        working, self._working = self._working, False
        structure, self._structure = self._structure, False
        if working and self._conversation:
            self._work_on(self._conversation.timeline().work)
        if structure or self._thinks():
            self._show()
        elif self._live:
            self._rows.flush()

    def _work_on(self, work: Sequence[Block]) -> None:
        if self._work.show(work, self.folding.now, self._frame) and not self._held:
            self._pulse.resume()

    def _thinks(self) -> bool:
        """Return whether thinking is on the screen while it streams."""
        return self.folding.now.thinking or bool(self.folding.now.opened and self._live)

    def _begin(self, number: int) -> None:
        assert self._conversation  # noqa: S101 - the sink is attached to it
        if self.empty:
            self.view.replace(0, 1, [])
        began = self._clock.monotonic() if self._began is None else self._began
        self._live = LiveTurn(number, began, self._conversation.timeline)
        self._rows.begin()
        self._frame = 0
        if not self._held:
            self._pulse.resume()

    def _show(self) -> None:
        """Draw the running turn: redraw the changed rows, and insert the new ones."""
        turn = self._live.fold() if self._live else None
        if not self._live or not turn:
            return
        done = turn.status is not None
        running = None if done else self._live.running(self._clock.monotonic(), self._frame)
        self._rows.show(self._ripening.hold(drawings(turn, self.folding.now, running), self._live.answers))
        self._rows.flush()
        if done:
            self._end(turn)

    def _ripe(self, live: LiveDrawing, parts: Sequence[Drawing]) -> None:
        """Replace the live drawing of a long answer that has been parsed. Its turn may be over by now."""
        self._rows.ripen(live, parts, runs=self._live is not None)

    def _end(self, turn: Turn) -> None:
        log.debug("turn %d is shown: %s", turn.number, turn.status)
        self._live, self._over = None, turn.number
        self.beat()

    def beat(self) -> None:
        """Draw the running work with its present time, and advance its spinner."""
        if not self._live and not self._work.busy:
            self._pulse.pause()
            return
        self._frame += 1
        self._mistakes.guard(AT_A_BEAT, self._draw_beat)

    def _draw_beat(self) -> None:
        if self._work.busy and self._conversation:
            self._work.show(self._conversation.timeline().work, self.folding.now, self._frame)
        if self._live:
            self._show()

    def _mend(self) -> None:
        """Show a turn that has ended as it was recorded, or as a turn that cannot be shown."""
        live, conversation = self._live, self._conversation
        if not live or not conversation:
            return
        live.lose()
        turn = conversation.timeline().turn(live.number)
        if turn is None or turn.status is None:
            return
        self._rows.replace(draw_turn(turn, self.folding.now))
        self._end(turn)
