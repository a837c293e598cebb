"""`ralph doctor`: checks the installation, the database, or one timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TextIO

from ralph.core.log import events as ev
from ralph.core.log.codec import dump_visible, plain
from ralph.core.log.envelope import Envelope
from ralph.core.ports.rows import Check
from ralph.core.ports.store import Rebuilt, TimelineStore
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line


async def doctor(
    store: TimelineStore, workspace: Workspace, out: TextIO, *, live: bool, rebuild: bool, as_json: bool
) -> int:
    """Run all checks. `live` asks each configured provider for its models, which costs nothing."""
    made = [_check_rebuild(await store.rebuild())] if rebuild else []
    return _print([*made, *await workspace.machine.checks(live=live)], out, as_json)


def _check_rebuild(done: Rebuilt) -> Check:
    parts = [f"timelines remade from their events: {done.timelines}"]
    parts += [f"made again: {', '.join(done.made)}"] if done.made else []
    parts += [f"left as they are: {'; '.join(done.harmed)}"] if done.harmed else []
    return Check("rebuild", not done.harmed, " · ".join(parts))


async def examine(store: TimelineStore, name: str, out: TextIO, *, as_json: bool) -> int:
    """Check one timeline: numbers without gaps, and exactly one finish for every start."""
    timeline = await store.catalog.resolve(name)
    events = await store.log.events(timeline)
    lost = await store.log.harm(timeline)
    whole = Check("rows", not lost, "; ".join(lost) or "every one can be read")
    return _print([Check("events", True, f"{len(events)} of {timeline}"), whole, *invariants(events)], out, as_json)


def invariants(events: Sequence[Envelope]) -> list[Check]:
    """Return the checks that every log must pass; pure."""
    gaps = [b.seq for a, b in pairwise(events) if b.seq != a.seq + 1]
    starts: Counter[tuple[str, str]] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    for envelope in events:
        _count(envelope, starts, ends)
    wrong = sorted(" ".join(key) for key in starts.keys() | ends.keys() if starts[key] != 1 or ends[key] != 1)
    return [
        Check("numbers", not gaps, f"a gap before {gaps[0]}" if gaps else "without gaps"),
        Check("finishes", not wrong, f"not exactly one: {', '.join(wrong[:5])}" if wrong else "one for every start"),
    ]


def _count(envelope: Envelope, starts: Counter[tuple[str, str]], ends: Counter[tuple[str, str]]) -> None:
    event = envelope.event
    match event:
        case ev.TurnStarted():
            starts["turn", str(envelope.turn)] += 1
        case ev.TurnFinished():
            ends["turn", str(envelope.turn)] += 1
        case ev.BlockStarted():
            starts["block", event.block] += 1
        case ev.BlockFinished():
            ends["block", event.block] += 1
        case ev.AttemptStarted():
            starts["attempt", event.attempt] += 1
        case ev.AttemptFinished():
            ends["attempt", event.attempt] += 1
        case ev.ToolRequested():
            starts["call", event.call] += 1
        case ev.ToolFinished():
            ends["call", event.call] += 1
        case _:
            pass


def _print(checks: Sequence[Check], out: TextIO, as_json: bool) -> int:
    well = all(c.ok for c in checks)
    if as_json:
        print(dump_visible({"ok": well, "checks": [plain(c) for c in checks]}), file=out)
    else:
        for check in checks:
            print(f"{'✓ ok ' if check.ok else '✗ bad'}  {line(check.name):22} {line(check.detail)}", file=out)
    return 0 if well else 1
