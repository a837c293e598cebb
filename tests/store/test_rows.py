"""Whatever is appended is read back byte for byte: by ralph, by another program, and after a migration."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ralph.core.errors import ErrorInfo, Kind
from ralph.core.llm.messages import CallPart, Content, Opaque, TextPart, ThinkingPart
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.log.codec import dumps, envelope_of, plain
from ralph.core.log.envelope import Envelope
from ralph.pricing import Prices
from ralph.store.sqlite.opening import migrations
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

ID, FORK = "k3f9w2m7qd", "f0rk000000"
AT = "2026-11-20T14:02:11.{:06d}Z"

words = st.sampled_from(["", "a", "the tide", "@1", "#2", "line\nline", '{"a": "b\\n"}', "\0", "é", "\U0001f600"])
texts = words | st.text(max_size=30) | st.lists(words, max_size=30).map("-".join)
# A broken provider sends half of a surrogate pair. Blocks and prompts were cleaned before they come here.
wild = texts | st.sampled_from(["\ud83d", "x\ude00y" * 20])
numbers = st.integers(0, 1 << 40) | st.just(0)
times = st.none() | st.floats(0, 1e7) | st.integers(0, 10**8).map(lambda n: n / 1000) | st.just(0.0)
values = st.none() | st.booleans() | numbers | st.floats(allow_nan=False) | wild
trees = st.recursive(values, lambda t: st.lists(t, max_size=14) | st.dictionaries(wild, t, max_size=5), max_leaves=20)
objects = st.dictionaries(texts, trees, max_size=5)
usages = st.just(Usage()) | st.builds(
    Usage, numbers, numbers, numbers, numbers, numbers, st.sampled_from(["reported", "none"])
)
costs = st.builds(Cost, st.none() | numbers, st.sampled_from(["free", "unknown", "computed"]))
prices = st.none() | st.just(PriceRow("config", "", "m", "2", "0.1", "2.5", "10"))
errors = st.none() | st.builds(ErrorInfo, st.sampled_from(Kind), wild)
chunk = st.tuples(st.integers(0, 1 << 17), wild)
deltas = st.tuples(
    st.sampled_from(["text", "text", "thinking", "tool_input"]),
    st.lists(chunk, max_size=4).map(lambda chunks: tuple(sorted(chunks, key=lambda one: one[0]))),
    st.sampled_from([False, False, False, True]),
)


@st.composite
def contents(draw: st.DrawFn) -> Content | None:
    """A message; its opaque form may repeat its texts."""
    parts: list[Any] = draw(st.lists(st.builds(TextPart, wild) | st.builds(ThinkingPart, wild), max_size=3))
    parts += draw(st.lists(st.builds(CallPart, wild, wild, objects, wild), max_size=2))
    inside = [part.text for part in parts if not isinstance(part, CallPart)] + draw(st.lists(wild, max_size=2))
    opaque = Opaque("anthropic", "m", dumps([{"text": text} for text in inside]))
    return draw(st.sampled_from([None, Content(tuple(parts)), Content(tuple(parts), opaque)]))


@st.composite
def blocks(draw: st.DrawFn, turn: int, n: int) -> list[ev.Event]:
    """A block with an attempt, deltas in any order and a call; it may stay open."""
    name = f"{turn}.{n}"
    made: list[ev.Event] = [ev.BlockStarted(name, "format", draw(texts))]
    made.append(ev.AttemptStarted(f"{name}a1", name, "p:m", price=draw(prices), estimated=draw(usages)))
    streamed = draw(st.lists(deltas, max_size=12))
    made += [ev.BlockDelta(name, channel, chunks, restart) for channel, chunks, restart in streamed]
    if draw(st.booleans()):
        return made
    call = f"{name}c1"
    made.append(ev.ToolRequested(call, f"{name}a1", draw(wild), draw(objects), "none", draw(wild)))
    made.append(ev.ToolFinished(call, "ok", draw(texts), draw(st.none() | wild), duration_ms=draw(times) or 0.0))
    raw = draw(st.none() | objects)
    outcome: Any = draw(st.sampled_from(["ok", "failed", "interrupted"]))
    made.append(
        ev.AttemptFinished(
            f"{name}a1", outcome, provider="p", model="m", request_id=draw(st.none() | texts), error=draw(errors),
            usage=draw(usages), raw_usage=raw, cost=draw(costs), price=draw(prices), ttft_ms=draw(times),
            phases=draw(st.dictionaries(texts, times.filter(bool), max_size=3)), message=draw(contents()),
        )
    )  # fmt: skip
    text = "".join(text for d in made if isinstance(d, ev.BlockDelta) for _, text in d.chunks if d.channel == "text")
    text = draw(st.sampled_from([text.encode("utf-8", "replace").decode(), draw(texts)]))
    made.append(ev.BlockFinished(name, "ok", text=text, thinking=draw(wild), cost=draw(costs), data=draw(objects)))
    return made


@st.composite
def logs(draw: st.DrawFn) -> list[Envelope]:
    """A timeline of some turns, with events of any time and of an unknown type between them."""
    events: list[tuple[int, ev.Event]] = [(0, ev.TimelineOpened(draw(texts), versions={"ralph": "0.1.0"}))]
    for number in range(1, draw(st.integers(1, 3)) + 1):
        system = draw(st.sampled_from(["", "be brief " * 20]))
        events.append((number, ev.TurnStarted(draw(texts), system=system, tools=("a", "b"), roles={"format": "p:m"})))
        for n in range(1, draw(st.integers(0, 3)) + 1):
            events += [(number, event) for event in draw(blocks(number, n))]
        events.append((number, ev.Note(draw(texts), draw(wild), data=draw(objects))))
        events.append((number, ev.Unknown("later.kind", draw(objects))))
        events.append((number, ev.TurnFinished("ok", draw(wild), draw(usages), draw(costs), draw(times) or 0.0)))
        events.append((0, ev.RolesChanged({"format": "p:m"}, {"format": draw(wild)})))
    micros, made = draw(st.integers(0, 900_000)), list[Envelope]()
    for seq, (number, event) in enumerate(events, start=1):
        step = draw(st.integers(0, 70_000))
        micros += step
        at = draw(st.sampled_from([AT.format(micros % 10**6), AT.format(0), "2026-11-20T14:02:11Z"]))
        ms = draw(st.sampled_from([micros / 1000, float(seq), 0.1 + 0.2])) if number else 0.0
        made.append(Envelope(ID, seq, number, at, ms, event))
    return made


def row(e: Envelope) -> tuple[Any, ...]:
    return (e.timeline, e.seq, e.turn, e.at, e.ms, e.event.type, e.v, dumps(plain(e.event)))


def read_again(e: Envelope) -> Envelope:
    """The event as its JSON gives it back."""
    timeline, seq, turn, at, ms, kind, v, data = row(e)
    return envelope_of(timeline=timeline, seq=seq, turn=turn, at=at, ms=ms, kind=kind, v=v, data=json.loads(data))


def outside(path: Path) -> list[tuple[Any, ...]]:
    """What another program reads."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        sql = "SELECT timeline, seq, turn, at, ms, type, v, data FROM events ORDER BY timeline, seq"
        return other.execute(sql).fetchall()


async def _append(folder: Path, log: Sequence[Envelope], cuts: Sequence[int]) -> None:
    store = await SqliteStore.open(folder / "ralph.db", FrozenClock())
    try:
        for first, last in zip((0, *cuts), (*cuts, len(log)), strict=True):
            await store.log.append(log[first:last])
        assert outside(store.path) == [row(e) for e in log]
        assert await store.log.events(ID) == [read_again(e) for e in log]
        fold_without = [e for e in log if not isinstance(e.event, ev.BlockDelta)]
        assert await store.log.events(ID, deltas=False) == [read_again(e) for e in fold_without]
        found = await store._db.query("SELECT block, text FROM blocks")
        await store.rebuild()
        assert await store._db.query("SELECT block, text FROM blocks") == found
        await store.recover(Prices({}, [].__contains__))
        closed = await store.log.events(ID)
        assert closed[: len(log)] == [read_again(e) for e in log]
        assert outside(store.path) == [row(e) for e in (*log, *closed[len(log) :])]
        assert (await store._db.query("SELECT count(*) FROM event_forms"))[0][0] < 1 + len(closed)
        await store.remove(ID)
        assert outside(store.path) == []
        for table in ("event_rows", "event_texts", "event_forms", "event_deltas", "event_packs", "block_rows"):
            assert (await store._db.query(f"SELECT count(*) FROM {table}"))[0][0] == 0, table
    finally:
        await store.close()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(logs(), st.lists(st.integers(0, 60), max_size=6))
def test_what_goes_in_comes_out(log: list[Envelope], cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_append(Path(folder), log, sorted(cut for cut in cuts if cut < len(log))))


def as_before(path: Path, log: Sequence[Envelope], damaged: Sequence[tuple[int, object]] = ()) -> list[tuple[Any, ...]]:
    """Write a database of the version before compact rows, with this log; return its rows. None loses a row."""
    rows = {e.seq: row(e) for e in log}
    for seq, data in damaged:
        if seq in rows:
            rows[seq] = (*rows[seq][:-1], data)
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        for number, sql in migrations()[:8]:
            old.executescript(f"{sql}\nPRAGMA user_version={number};")
        old.execute("INSERT INTO timelines VALUES (?, ?, NULL, 0, 0, 'a title', ?)", (ID, AT.format(0), AT.format(1)))
        old.execute("DROP TRIGGER events_come_in_order")
        left = [one for one in rows.values() if one[-1] is not None]
        old.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", left)
        for e in log:
            if isinstance(e.event, ev.BlockFinished):
                block = (ID, e.event.block, e.turn, e.at, "format", e.event.status, e.event.text)
                old.execute(
                    "INSERT INTO blocks (timeline, block, turn, at, kind, status, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    block,
                )
    return left


async def _migrate(path: Path, left: list[tuple[Any, ...]]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as old:
        blocks = old.execute("SELECT id, timeline, block, turn, at, kind, status, text FROM blocks").fetchall()
    store = await SqliteStore.open(path, FrozenClock())
    try:
        assert outside(path) == left
        assert await store.missing() == []
        assert [e.seq for e in await store.log.events(ID)] == [one[1] for one in left]
        assert await store._db.query("SELECT id, timeline, block, turn, at, kind, status, text FROM blocks") == blocks
        assert await store.damage() == ""
        await store._db.write("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    finally:
        await store.close()
    assert path.with_suffix(".before-9.db").exists()


broken = st.none() | st.sampled_from(["{half", "", "[]", '{"block":7}', '{"a": 1}', '{"a":1,"a":2}', b"\xff\x00"])


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(logs(), st.lists(st.tuples(st.integers(1, 60), broken), max_size=4))
def test_a_database_of_before_is_the_same_after_the_migration(
    log: list[Envelope], damaged: list[tuple[int, object]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ralph.db"
        asyncio.run(_migrate(path, as_before(path, log, damaged)))
