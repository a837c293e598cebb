"""The timetable of a replay: which showing appears when, with long waits cut short. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from ralph.core.clock import moment
from ralph.core.data import Data, frozen
from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener

# The most seconds shown of a wait for consent, for another try or for a slow first token.
IDLE_CAP_S = 3.0
# Seconds shown between two turns, whatever the person did between them.
GAP_S = 0.5


@frozen
class TimedPiece(Data):
    """A live piece of a block, as a view received it: `ms` since the block began."""

    block: str
    channel: Channel
    ms: float
    text: str


@frozen
class Showing(Data):
    """One showing for a view: `at` in ms on the axis of the replay, `ms` on the clock of its turn."""

    at: float
    turn: int
    ms: float
    thing: Envelope | TimedPiece

    def show(self, view: EventListener) -> None:
        thing = self.thing
        if isinstance(thing, Envelope):
            view.event(thing)
        else:
            view.chunk(thing.block, thing.channel, thing.ms, thing.text)


@frozen
class Mark(Data):
    """The start of a turn."""

    turn: int
    at: float


@frozen
class Idle(Data):
    """A wait that is cut short: its start, its end, and its real length."""

    start: float
    end: float
    ms: float


@frozen
class Timetable(Data):
    """Showings in order, the starts of turns, the ends of blocks, and the shortened waits. All times are in ms."""

    showings: tuple[Showing, ...]
    marks: tuple[Mark, ...] = ()
    stops: tuple[float, ...] = ()
    idles: tuple[Idle, ...] = ()
    idle_cap_ms: float | None = None

    @property
    def length(self) -> float:
        return self.showings[-1].at if self.showings else 0.0

    @property
    def left_out(self) -> float:
        """Return the ms of waiting that are not shown."""
        return sum(idle.ms - (idle.end - idle.start) for idle in self.idles)

    def due(self, at: float) -> int:
        """Return the number of showings up to and including this position."""
        return bisect_right(self.showings, at, key=_at)

    def clock(self, at: float) -> tuple[int, float]:
        """Return the turn and the ms of its clock; between two turns, the first one's clock stands at its end."""
        count = self.due(at)
        if count == 0:
            return 0, 0.0
        last = self.showings[count - 1]
        if count < len(self.showings):
            following = self.showings[count]
            if following.turn == last.turn and following.at > last.at:
                part = (at - last.at) / (following.at - last.at)
                return last.turn, last.ms + part * (following.ms - last.ms)
        return last.turn, last.ms

    def position(self, turn: int, ms: float) -> float:
        """Return the position for this clock of this turn: the reverse of `clock`, also across timetables."""
        mine = [n for n, showing in enumerate(self.showings) if showing.turn == turn]
        after = next((n for n in mine if self.showings[n].ms > ms), None)
        if after is None:
            return self.showings[mine[-1]].at if mine else 0.0
        if after == mine[0]:
            return self.showings[after].at
        before, following = self.showings[after - 1], self.showings[after]
        return before.at + (ms - before.ms) / (following.ms - before.ms) * (following.at - before.at)

    def start(self, turn: int) -> float | None:
        """Return the start of this turn; None if there is no such turn."""
        return next((mark.at for mark in self.marks if mark.turn == turn), None)

    def number(self, at: float) -> int:
        """Return the turn's place, counted from 1; 0 before the first turn."""
        return bisect_right(self.marks, at, key=lambda mark: mark.at)

    def idle(self, at: float) -> Idle | None:
        """Return the shortened wait at this position."""
        n = bisect_right(self.idles, at, key=lambda idle: idle.start) - 1
        return self.idles[n] if n >= 0 and at < self.idles[n].end else None

    def next_stop(self, at: float) -> float:
        """Return the end of the next block, or the start of the next turn; the end after the last."""
        n = bisect_right(self.stops, at)
        return self.stops[n] if n < len(self.stops) else self.length

    def stop_before(self, at: float) -> float:
        n = bisect_left(self.stops, at)
        return self.stops[n - 1] if n else 0.0


def timetable(envelopes: Sequence[Envelope], idle_cap_s: float | None = IDLE_CAP_S) -> Timetable:
    """Place every event and live piece at its stored time. Waits in a turn are cut to `idle_cap_s` (None: uncut)."""
    cap = None if idle_cap_s is None else idle_cap_s * 1000
    made: list[Showing] = []
    marks: list[Mark] = []
    idles: list[Idle] = []
    at, ended = 0.0, ""
    for turn, group in groupby(envelopes, key=lambda e: e.turn):
        events = list(group)
        if turn:
            if marks:
                at += min(GAP_S * 1000, _apart(ended, events[0].at))
            marks.append(Mark(turn, at))
        before: float | None = None
        for ms, thing in _in_order(events):
            gap = 0.0 if before is None else ms - before
            if cap is not None and gap > cap:
                idles.append(Idle(at, at + cap, gap))
                gap = cap
            at += gap
            before = ms
            made.append(Showing(at, turn, ms, thing))
        ended = events[-1].at
    return Timetable(tuple(made), tuple(marks), tuple(_stops(made)), tuple(idles), cap)


def _at(showing: Showing) -> float:
    return showing.at


def _apart(first: str, second: str) -> float:
    """Return the milliseconds between two stamps; the clock may have been set back."""
    try:
        return max(0.0, (moment(second) - moment(first)).total_seconds() * 1000)
    except ValueError:
        return 0.0


def _in_order(events: Sequence[Envelope]) -> list[tuple[float, Envelope | TimedPiece]]:
    """Return events by number and each piece at its arrival: never before its block, nor after its delta.

    A delta that restarts a channel comes before its own pieces, as it did live.
    """
    starts: dict[str, float] = {}
    plan: list[tuple[float, Envelope | TimedPiece]] = []
    clock = 0.0
    for envelope in events:
        clock = max(clock, envelope.ms)
        event = envelope.event
        if isinstance(event, ev.BlockStarted):
            starts[event.block] = clock
        if isinstance(event, ev.BlockDelta):
            began = starts.get(event.block, 0.0)
            pieces = [
                (min(clock, began + ms), TimedPiece(event.block, event.channel, ms, text)) for ms, text in event.chunks
            ]
            if event.restart:
                plan += [(clock, envelope), *((clock, piece) for _, piece in pieces)]
            else:
                plan += [*pieces, (clock, envelope)]
        else:
            plan.append((clock, envelope))
    plan.sort(key=lambda item: item[0])  # stable: items of the same time keep their order
    return plan


def _stops(showings: Sequence[Showing]) -> Iterator[float]:
    """Yield the start of each turn and the end of each block; a turn's last block ends with the turn."""
    waiting: float | None = None
    asked: set[str] = set()  # the blocks of the person's input, which end as they begin
    for showing in showings:
        event = showing.thing.event if isinstance(showing.thing, Envelope) else None
        if isinstance(event, ev.BlockStarted) and event.kind == "user":
            asked.add(event.block)
        if isinstance(event, ev.TurnStarted | ev.TurnFinished):
            if waiting is not None and isinstance(event, ev.TurnStarted):
                yield waiting
            waiting = None
            yield showing.at
        elif isinstance(event, ev.BlockFinished) and event.block not in asked:
            if waiting is not None and waiting < showing.at:
                yield waiting
            waiting = showing.at
    if waiting is not None:
        yield waiting
