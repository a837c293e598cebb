"""Saved timelines on the command line: list, show, replay, delete, fork."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ralph.core.clock import local
from ralph.core.errors import Failure, Kind, NotFound, StoreFailure
from ralph.core.formatting import plural
from ralph.core.log.codec import dump_visible, plain
from ralph.core.log.envelope import Envelope
from ralph.core.plain_markdown import plain_markdown
from ralph.core.ports.store import TimelineStore
from ralph.core.sanitise import line
from ralph.core.timeline.json_output import timeline_json
from ralph.core.timeline.timeline import fold
from ralph.headless.plain import PlainView
from ralph.headless.views import Writing
from ralph.session.replay import replay
from ralph.session.timetable import IDLE_CAP_S

LISTED = 50
ALL = 1 << 40


async def timelines(
    store: TimelineStore, out: TextIO, err: TextIO, *, search: str = "", limit: int = LISTED, as_json: bool = False
) -> int:
    """List timelines, latest first, at most `limit` (0: all), and say if there are more. A search without a hit is no
    failure.
    """
    rows = await store.catalog.timelines(search, limit or ALL)
    if limit and len(rows) == limit and (found := await store.catalog.count(search)) > limit:
        print(f"ralph: {limit} of {found} timelines; --limit N lists more, --limit 0 all", file=err)
    if as_json:
        print(dump_visible([plain(row) for row in rows]), file=out)
        return 0
    for row in rows:
        busy = f" · {place}" if (place := row.place("")) else ""
        turns = plural(row.turns, "turn")
        print(f"{row.id}  {local(row.updated_at)[:16]}  {turns:>9}  {row.charged:>9}  ", end="", file=out)
        print(line(row.label) + busy, file=out)
        if row.excerpt:
            print(f"            {line(plain_markdown(row.excerpt))}", file=out)
    if not rows:
        print("no timeline holds that" if search else "no saved timeline yet", file=out)
    return 0


async def show(store: TimelineStore, name: str, out: TextIO, *, as_json: bool = False) -> int:
    """Print a whole timeline."""
    timeline = await store.catalog.resolve(name)
    events = await store.log.events(timeline, deltas=False)
    if as_json:
        print(dump_visible(timeline_json(fold(timeline, events))), file=out)
    else:
        writing = Writing(out, _leave)
        view = PlainView(writing)
        await replay(events, view, speed=None)
        view.end()
        _finish_writing(writing)
    return check_whole(await store.log.harm(timeline))


def check_whole(lost: Sequence[str]) -> int:
    """Return 0; after losses, raise a failure that names them, once everything readable is printed."""
    if lost:
        more = f" (and {len(lost) - 3} more)" if len(lost) > 3 else ""
        raise StoreFailure(f"{'; '.join(lost[:3])}{more}; the rest is whole. `ralph doctor` looks at everything")
    return 0


async def play(
    store: TimelineStore,
    name: str,
    out: TextIO,
    *,
    speed: float | None = 1.0,
    turn: int | None = None,
    idle_cap_s: float | None = IDLE_CAP_S,
) -> int:
    """Replay a timeline, or one turn of it, with its timing."""
    timeline = await store.catalog.resolve(name)
    events = await store.log.events(timeline)
    if turn is not None:
        events = [e for e in events if e.turn == turn]
        if not events:
            raise NotFound(f"timeline {timeline} has no turn {turn}")
    await play_events(events, out, speed=speed, idle_cap_s=idle_cap_s)
    return check_whole(await store.log.harm(timeline))


async def play_events(
    events: Sequence[Envelope], out: TextIO, *, speed: float | None = 1.0, idle_cap_s: float | None = IDLE_CAP_S
) -> None:
    """Show these events as plain lines, with their timing. Raises `Failure` if they cannot be written."""
    writing = Writing(out, _leave)
    view = PlainView(writing)
    await replay(events, view, speed, idle_cap_s=idle_cap_s)
    view.end()
    _finish_writing(writing)


def _leave() -> None:
    """Stop, since the reader has left."""
    raise BrokenPipeError


def _finish_writing(writing: Writing) -> None:
    if writing.refused:
        raise Failure(Kind.IO, f"standard output could not be written: {writing.refused}")


async def delete(store: TimelineStore, name: str, out: TextIO, *, with_forks: bool = False) -> int:
    """Remove a whole timeline; its costs stay in the ledger."""
    timeline = await store.catalog.resolve(name)
    removed = await store.remove(timeline, with_forks=with_forks)
    print(f"deleted {', '.join(removed)}; what it cost stays in the ledger", file=out)
    for told in store.unreached:
        print(line(told), file=out)
    return 0
