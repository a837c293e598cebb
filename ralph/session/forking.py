"""Events that start or rename a saved timeline: a fork that shares its parent's turns, and another title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ralph.core.clock import Clock, stamp
from ralph.core.errors import NotFound
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.rows import FORK_MARK
from ralph.core.timeline.timeline import fold


def opening(
    new: str,
    parent: str,
    past: Sequence[Envelope],
    turn: int | None,
    clock: Clock,
    versions: Mapping[str, str],
    title: str = "",
) -> Envelope:
    """Return the first event of a fork that keeps turns 1 to `turn` (all of them with None). Raises `NotFound`.

    If the fork keeps only inherited turns, its parent is the timeline that these turns come from.
    """
    timeline = fold(parent, past)
    keep = timeline.last_turn if turn is None else turn
    if keep < 0 or keep > timeline.last_turn:
        raise NotFound(f"timeline {parent} has turns 1 to {timeline.last_turn}, not {keep}")
    later = [e.seq for e in past if e.turn > keep]
    shared = [e for e in past if not later or e.seq < min(later)]
    while isinstance(shared[-1].event, ev.TimelineOpened) and shared[-1].event.forked_from:
        shared.pop()
    last = shared[-1]
    title = title or f"{timeline.title.removesuffix(FORK_MARK)}{FORK_MARK}"
    event = ev.TimelineOpened(title, ev.ForkPoint(last.timeline, last.seq, keep), versions)
    return Envelope(new, last.seq + 1, 0, stamp(clock.now()), 0.0, event)


def renaming(timeline: str, past: Sequence[Envelope], title: str, clock: Clock) -> Envelope:
    """Return the next event of this timeline, which sets another title."""
    return Envelope(timeline, past[-1].seq + 1, 0, stamp(clock.now()), 0.0, ev.TimelineChanged(title=title))
