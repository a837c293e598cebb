"""From a conversation to the timeline on the screen: what is saved, what runs, what ralph itself says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from textual.timer import Timer

from ralph.core import events as ev
from ralph.core.clock import Clock
from ralph.core.envelope import Envelope
from ralph.core.timeline import Timeline
from ralph.core.turns import Turn
from ralph.core.view import View
from ralph.tui.live import LiveTurn
from ralph.tui.sink import Chunk, Sink
from ralph.tui.widgets.blocks import (
    BrokenDrawing,
    LiveDrawing,
    NoteDrawing,
    SayDrawing,
    UserDrawing,
    WelcomeDrawing,
    drawings,
)
from ralph.tui.widgets.model import Drawing
from ralph.tui.widgets.steps import Look, StepDrawing
from ralph.tui.widgets.timeline import TimelineView

log = logging.getLogger("ralph.tui")

FRAME_S = 1 / 30
PULSE_S = 1 / 8
# After these the lines around the timeline may be others. Not after each event: what they tell is folded anew.
TELLING = (ev.TimelineOpened, ev.TimelineChanged, ev.RolesChanged, ev.AttemptFinished, ev.TurnFinished)


class Followed(Protocol):
    """What a feed needs of a conversation; a replay is no more than that."""

    @property
    def roles(self) -> Mapping[str, str]: ...

    def timeline(self) -> Timeline: ...

    def attach(self, view: View) -> None: ...

    def detach(self, view: View) -> None: ...


class Feed:
    """One ticker drains what came; it stands still while nothing comes. `changed` is called when what the lines
    around the timeline tell may be another. `began` is when a turn began, where the clock itself is that of a turn."""

    def __init__(
        self, view: TimelineView, clock: Clock, changed: Callable[[], None], *, began: float | None = None
    ) -> None:
        self.view = view
        self.look = Look()
        self._clock = clock
        self._changed = changed
        self._began = began
        self._held = False
        self._told: set[str] = set()
        self._conversation: Followed | None = None
        self._sink = Sink(self._wake)
        self._live: LiveTurn | None = None
        self._start = self._count = 0  # where in the model the running turn stands
        self._frame = 0
        self._ticker: Timer = view.set_interval(FRAME_S, self._tick, pause=True)
        self._pulse: Timer = view.set_interval(PULSE_S, self._beat, pause=True)

    @property
    def busy(self) -> bool:
        """Something of a turn is not yet shown."""
        return self._live is not None or self._sink.waiting

    def open(self, conversation: Followed, *, stay: bool = False) -> None:
        """Show this conversation and follow it; with `stay` the reader keeps the place, as far as there is one."""
        self.close()
        self._conversation = conversation
        timeline = conversation.timeline()
        closed = [t for t in timeline.turns if t.status is not None]
        shown: list[Drawing] = [d for turn in closed for d in self._drawn(turn)]
        if not timeline.turns:
            shown = [WelcomeDrawing(tuple(conversation.roles.items()))]
        self.view.replace(0, len(self.view.model), shown)
        if not stay:
            self.view.end()
        conversation.attach(self._sink)
        self._changed()

    def close(self) -> None:
        """Stop following; nothing of the old conversation reaches the screen after this."""
        if self._conversation:
            self._conversation.detach(self._sink)
        self._sink.drain()
        self._conversation = self._live = None
        self._pulse.pause()

    def say(self, text: str, style: str = "faint") -> None:
        """Words of ralph itself, at the end."""
        end = len(self.view.model)
        self.view.replace(end, end, [SayDrawing(text, style)])
        self.view.reveal(end)

    def hold(self, still: bool) -> None:
        """The clock and the spinner of a running turn stand still, or go on."""
        self._held = still
        if still:
            self._pulse.pause()
        elif self._live:
            self._pulse.resume()

    def beat(self) -> None:
        """Draw the running turn at its clock, now."""
        self._beat()

    def see(self, look: Look) -> None:
        """Show more or less of every step."""
        self.look = look
        for item in self.view.model.items:
            if isinstance(item.drawing, StepDrawing | UserDrawing):
                item.drawing = replace(item.drawing, look=look)
        self.view.restyle()

    def _wake(self) -> None:
        self._ticker.resume()

    def _tick(self) -> None:
        waiting = self._sink.drain()
        if not waiting:
            self._ticker.pause()
            return
        try:
            self._take(waiting)
        except Exception as error:  # noqa: BLE001 - border: what cannot be shown must not end the program
            self._broken("a part of the turn could not be shown; it is recorded all the same", error)

    def _take(self, waiting: Sequence[Envelope | Chunk]) -> None:
        structure = False
        for item in waiting:
            if isinstance(item, Envelope):
                if item.turn == 0:
                    self._between(item)
                    continue
                structure = True
                if self._live is None or self._live.number != item.turn:
                    self._show()  # one turn may end and the next begin within a frame
                    self._begin(item.turn)
            if self._live:
                structure |= self._live.add(item)
        if structure or self.look.thinking:
            self._show()
        else:
            self._flush()
        if any(isinstance(i, Envelope) and isinstance(i.event, TELLING) for i in waiting):
            self._changed()

    def _between(self, envelope: Envelope) -> None:
        """Outside of turns notes are read once; the title and the roles stand around the timeline."""
        if isinstance(envelope.event, ev.Note):
            end = len(self.view.model)
            self.view.replace(end, end, [NoteDrawing(envelope.event.text)])

    def _begin(self, number: int) -> None:
        assert self._conversation  # noqa: S101 - the sink is attached to it
        model = self.view.model
        if len(model) == 1 and isinstance(model.items[0].drawing, WelcomeDrawing):
            self.view.replace(0, 1, [])
        began = self._clock.monotonic() if self._began is None else self._began
        self._live = LiveTurn(number, began, self._conversation.timeline)
        self._start, self._count = len(model), 0
        self._frame = 0
        if not self._held:
            self._pulse.resume()

    def _show(self) -> None:
        """The running turn as it now is: rows that changed are drawn anew; new ones are put in."""
        turn = self._live.fold() if self._live else None
        if not self._live or not turn:
            return
        done = turn.status is not None
        running = None if done else self._live.running(self._clock.monotonic(), self._frame)
        made = drawings(turn, self.look, running)
        items = self.view.model.items[self._start : self._start + self._count]
        if len(made) != self._count or any(type(i.drawing) is not type(d) for i, d in zip(items, made, strict=True)):
            self.view.replace(self._start, self._start + self._count, made)
            self._count = len(made)
        else:
            for n, drawing in enumerate(made):
                if items[n].drawing != drawing:
                    self.view.swap(self._start + n, drawing)
        if done:
            self._end(turn)
        else:
            self._flush()

    def _flush(self) -> None:
        """Draw what has come of the answer."""
        for n in range(self._start, self._start + self._count):
            drawing = self.view.model.items[n].drawing
            if isinstance(drawing, LiveDrawing) and drawing.dirty:
                self.view.redraw(n, drawing.frozen)

    def _end(self, turn: Turn) -> None:
        log.debug("turn %d is shown: %s", turn.number, turn.status)
        self._live = None
        self._pulse.pause()

    def _beat(self) -> None:
        """The clock and the spinner of a running turn."""
        if not self._live:
            self._pulse.pause()
            return
        self._frame += 1
        try:
            self._show()
        except Exception as error:  # noqa: BLE001 - border: as in `_tick`
            self._broken("a running turn could not be shown", error)

    def _broken(self, what: str, error: Exception) -> None:
        """A line in the log each time; a note for the person the first time."""
        log.exception(what, exc_info=error)
        if what not in self._told:
            self._told.add(what)
            self.say(f"**internal:** {what}. The log has the rest.", "failed")
        self._mend()

    def _drawn(self, turn: Turn) -> list[Drawing]:
        """A turn that is over."""
        try:
            return drawings(turn, self.look)
        except Exception:  # border: one turn that cannot be shown must not hide the others
            log.exception("turn %d could not be shown", turn.number)
            return [BrokenDrawing()]

    def _mend(self) -> None:
        """A turn that is over but for the screen is shown as it was recorded, or as something that cannot be shown."""
        live, conversation = self._live, self._conversation
        if not live or not conversation:
            return
        turn = conversation.timeline().turn(live.number)
        if turn is None or turn.status is None:
            return
        made = self._drawn(turn)
        self.view.replace(self._start, self._start + self._count, made)
        self._count = len(made)
        self._live = None
        self._pulse.pause()
