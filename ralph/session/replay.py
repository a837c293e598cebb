"""Replay: stored events shown with their timing, without a recorder: nothing is written and nothing is billed."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ralph.core.clock import Clock, SystemClock, moment
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener
from ralph.core.timeline.timeline import Fold, Timeline, fold
from ralph.core.timeline.turns import Turn, fold_turn
from ralph.session.player import Player
from ralph.session.timetable import IDLE_CAP_S, Showing, Timetable, timetable

log = logging.getLogger("ralph.session")

EPOCH = "1970-01-01T00:00:00+00:00"


async def replay(
    envelopes: Sequence[Envelope],
    view: EventListener,
    speed: float | None = 1.0,
    *,
    idle_cap_s: float | None = IDLE_CAP_S,
    clock: Clock | None = None,
) -> None:
    """Show these events with their timing, `speed` times as fast; None is as fast as possible."""
    clock = clock or SystemClock()
    began = clock.monotonic()
    for showing in timetable(envelopes, idle_cap_s).showings:
        if speed:
            wait = began + showing.at / 1000 / speed - clock.monotonic()
            if wait > 0:
                await clock.sleep(wait)
        showing.show(view)


class Replay:
    """A stored timeline as a conversation up to the played position; nobody can talk to it.

    `rewound` is called after a jump back or far ahead: views must then attach again.
    """

    def __init__(self, timeline: str, envelopes: Sequence[Envelope], table: Timetable) -> None:
        self.id = timeline
        self.rewound: Callable[[], None] = _nobody
        lasting = [e for e in envelopes if not isinstance(e.event, ev.BlockDelta)]
        self._whole = fold(timeline, lasting)
        self._between = [e for e in lasting if e.turn == 0 or isinstance(e.event, ev.TimelineChanged)]
        self._views: list[EventListener] = []
        self.retime(table)

    @property
    def partial(self) -> bool:
        return False

    async def whole(self) -> Timeline:
        return self.timeline()

    def retime(self, table: Timetable) -> None:
        """Use other times for the same events."""
        self._showings = table.showings
        self._count = 0
        self._ends = [n for n, s in enumerate(table.showings) if _is(s, ev.TurnFinished)]
        self._starts = [n for n, s in enumerate(table.showings) if _is(s, ev.TurnStarted)]

    # The stage of a player.

    def show(self, showings: Sequence[Showing]) -> None:
        for showing in showings:
            self._count += 1
            for view in tuple(self._views):
                _give(showing, view)

    def rewind(self, count: int) -> None:
        self._count = count
        self.rewound()

    # The conversation.

    @property
    def busy(self) -> bool:
        return self._open_from() is not None

    @property
    def roles(self) -> Mapping[str, str]:
        started = bisect_right(self._starts, self._count - 1)
        turns = self._whole.turns
        return turns[min(max(1, started), len(turns)) - 1].started.roles if turns else {}

    def timeline(self) -> Timeline:
        """Return the timeline at the position. Turns that had ended by then are taken from the whole, folded once."""
        heads, seq = Fold(self.id), self._seq()
        for envelope in self._between:
            if envelope.seq <= seq:
                heads.add(envelope)
        closed = self._whole.turns[: bisect_right(self._ends, self._count - 1)]
        running = self._running()
        return replace(heads.timeline(), turns=(*closed, running) if running else closed, last_seq=seq)

    def attach(self, view: EventListener) -> None:
        """Attach a view. In the middle of a turn, the view receives the turn's earlier showings."""
        start = self._open_from()
        for showing in self._showings[start : self._count] if start is not None else ():
            _give(showing, view)
        self._views.append(view)

    def detach(self, view: EventListener) -> None:
        if view in self._views:
            self._views.remove(view)

    def _open_from(self) -> int | None:
        """Return the showing that began the turn that is still open."""
        started = bisect_right(self._starts, self._count - 1)
        ended = bisect_right(self._ends, self._count - 1)
        return self._starts[started - 1] if started > ended else None

    def _running(self) -> Turn | None:
        start = self._open_from()
        if start is None:
            return None
        things = [s.thing for s in self._showings[start : self._count]]
        return fold_turn(t for t in things if isinstance(t, Envelope) and not isinstance(t.event, ev.BlockDelta))

    def _seq(self) -> int:
        """Return the number of the last shown event."""
        for n in range(self._count - 1, -1, -1):
            thing = self._showings[n].thing
            if isinstance(thing, Envelope):
                return thing.seq
        return 0


class TurnClock:
    """The clock of the turn that a player shows: it stops when the player stops."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def now(self) -> datetime:
        return moment(EPOCH) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds since that turn began."""
        return self._player.turn_ms / 1000

    async def sleep(self, seconds: float) -> None:
        """Return at once, since nobody waits for this clock."""


def _give(showing: Showing, view: EventListener) -> None:
    try:
        showing.show(view)
    except Exception:  # border: a broken view must not end the replay
        log.exception("a view of a replay failed")


def _is(showing: Showing, kind: type[ev.Event]) -> bool:
    return isinstance(showing.thing, Envelope) and isinstance(showing.thing.event, kind)


def _nobody() -> None:
    """Do nothing: the default for `rewound`."""
