"""Saved timelines from the command line: list, show, replay, delete, fork."""

from __future__ import annotations

from typing import TextIO

from ralph.core.clock import local
from ralph.core.codec import plain, shown
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.figures import plural
from ralph.core.report import timeline_json
from ralph.core.screen import line
from ralph.core.timeline import fold
from ralph.core.usage import dollars
from ralph.headless.plain import PlainView
from ralph.headless.views import Writing
from ralph.session.replay import replay
from ralph.session.timetable import IDLE_CAP_S
from ralph.store.store import Store


async def timelines(store: Store, out: TextIO, *, search: str = "", as_json: bool = False) -> int:
    """List them, latest first. A search without a hit is no failure."""
    rows = await store.reading.timelines(search)
    if as_json:
        print(shown([plain(row) for row in rows]), file=out)
        return 0
    for row in rows:
        busy = " · running elsewhere" if row.busy else ""
        turns = plural(row.turns, "turn")
        print(f"{row.id}  {local(row.updated_at)[:16]}  {turns:>9}  {dollars(row.cost):>9}  ", end="", file=out)
        print(line(row.title) + busy, file=out)
        if row.excerpt:
            print(f"            {line(row.excerpt)}", file=out)
    if not rows:
        print("no timeline holds that" if search else "no saved timeline yet", file=out)
    return 0


async def show(store: Store, name: str, out: TextIO, *, as_json: bool = False) -> int:
    """Print a whole timeline."""
    timeline = await store.reading.resolve(name)
    events = await store.log.events(timeline, deltas=False)
    if as_json:
        print(shown(timeline_json(fold(timeline, events))), file=out)
        return 0
    writing = Writing(out, _leave)
    view = PlainView(writing)
    await replay(events, view, speed=None)
    view.end()
    return _written(writing)


async def play(
    store: Store,
    name: str,
    out: TextIO,
    *,
    speed: float | None = 1.0,
    turn: int | None = None,
    idle_cap_s: float | None = IDLE_CAP_S,
) -> int:
    """Replay a timeline, or one turn of it, as it happened."""
    timeline = await store.reading.resolve(name)
    events = await store.log.events(timeline)
    if turn is not None:
        events = [e for e in events if e.turn == turn]
        if not events:
            raise NotFound(f"timeline {timeline} has no turn {turn}")
    writing = Writing(out, _leave)
    view = PlainView(writing)
    await replay(events, view, speed, idle_cap_s=idle_cap_s)
    view.end()
    return _written(writing)


def _leave() -> None:
    """Nobody reads any more: there is nothing left to do."""
    raise BrokenPipeError


def _written(writing: Writing) -> int:
    if writing.refused:
        raise Failure(Kind.IO, f"standard output could not be written: {writing.refused}")
    return 0


async def delete(store: Store, name: str, out: TextIO, *, with_forks: bool = False) -> int:
    """Remove a whole timeline; what it cost stays in the ledger."""
    timeline = await store.reading.resolve(name)
    removed = await store.remove(timeline, with_forks=with_forks)
    print(f"deleted {', '.join(removed)}; what it cost stays in the ledger", file=out)
    return 0
