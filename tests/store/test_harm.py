"""A damaged log: what is lost is named, all the rest is read; what is made from it is made again."""

from __future__ import annotations

import contextlib
import io
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from ralph.core.errors import StoreFailure
from ralph.core.log import events as ev
from ralph.core.log.codec import dumps, plain
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.timeline import fold
from ralph.headless import doctor, saved
from ralph.pricing import Prices
from ralph.store.sqlite import days, projections
from ralph.store.sqlite.schema import TRUTH, whole
from ralph.store.sqlite.store import SqliteStore
from tests.store.logs import damage, envelopes, opened, turn

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

ID, OTHER = "k3f9w2m7qd", "z3f9w2m7qd"
LOG = envelopes([opened(), *turn(1, "what is 1+1?", "It is two."), *turn(2, "and then?", "Nothing more.")])
BROKEN = ("{half", "", "[]", "null", "{}", '{"block": 7}', b"\xff\xfe\x00")


async def filled(store: SqliteStore) -> None:
    await store.log.append(LOG)
    await store.log.append(envelopes([opened("other"), *turn(1, "else?", "Yes.")], OTHER))


async def looked_at(store: SqliteStore) -> list[str]:
    """Every verb that reads; returns what they say of the damage."""
    said: list[str] = []
    for verb in (
        saved.show(store, ID, io.StringIO()),
        saved.show(store, ID, io.StringIO(), as_json=True),
        saved.play(store, ID, io.StringIO(), speed=None),
    ):
        with contextlib.suppress(StoreFailure):
            try:
                await verb
            except StoreFailure as failure:
                said.append(failure.message)
                raise
    out = io.StringIO()
    code = await doctor.examine(store, ID, out, as_json=False)
    return [*said, out.getvalue()] if code else said


@pytest.mark.parametrize("data", BROKEN, ids=repr)
async def test_a_row_that_cannot_be_read_is_named_wherever_it_stands(store: SqliteStore, data: object) -> None:
    await filled(store)
    unread = 0
    for seq in range(1, len(LOG) + 1):
        whole_row = (await store._db.query("SELECT data FROM events WHERE timeline = ? AND seq = ?", ID, seq))[0][0]
        damage(store.path, ID, [seq], data)
        said = await looked_at(store)
        events = await store.log.events(ID)
        assert [e.seq for e in events] == [e.seq for e in LOG]
        fold(ID, events)
        await store.log.tail(ID, 5)
        if any(isinstance(e.event, ev.Unknown) for e in events):
            unread += 1
            assert len(said) == 4
            assert all(f"event {seq} " in one for one in said)
            assert (await store.harm())[0].startswith(f"{ID}: event {seq} ")
        assert (await saved.show(store, OTHER, io.StringIO())) == 0
        damage(store.path, ID, [seq], whole_row)
    assert unread >= (len(LOG) if data not in ("{}", '{"block": 7}') else 10)


async def test_a_rebuild_keeps_what_the_log_has_lost(store: SqliteStore) -> None:
    await filled(store)
    lost = next(e.seq for e in LOG if isinstance(e.event, ev.AttemptFinished))
    before = await store._db.query("SELECT * FROM attempts ORDER BY timeline, attempt")
    hits = len(await store.catalog.search("two"))
    damage(store.path, ID, [lost], "x")
    done = await store.rebuild()
    assert done.timelines == 1
    assert [one for one in done.harmed if f"event {lost} " in one]
    assert await store._db.query("SELECT * FROM attempts ORDER BY timeline, attempt") == before
    assert len(await store.catalog.search("two")) == hits == 1
    assert await store.recover(Prices({}, [].__contains__)) == []


async def test_a_number_that_is_missing_is_found(store: SqliteStore) -> None:
    await filled(store)
    damage(store.path, ID, (1, 12, 13))
    said = await looked_at(store)
    assert len(said) == 4
    assert all("event 1 is missing" in one and "events 12 to 13 are missing" in one for one in said)
    assert len(await store.harm()) == 2


REMADE = [key for key in whole() if key[1] not in TRUTH]


async def test_whatever_is_made_from_events_can_be_lost(store: SqliteStore) -> None:
    await filled(store)
    kinds = ("turns", "attempts")
    before = [await store._db.query(f"SELECT * FROM {t} ORDER BY 1, 2, 3") for t in kinds]
    for kind, name in REMADE:
        if name.startswith("search_"):
            await store._db.write("PRAGMA writable_schema=ON")
        await store._db.write(f"DROP {kind} {name}")
        assert f"{kind} {name}" in await store.missing()
        assert name in (await store.rebuild()).made
        assert await store.missing() == []
        assert [await store._db.query(f"SELECT * FROM {t} ORDER BY 1, 2, 3") for t in kinds] == before
        assert [hit.turn for hit in await store.catalog.search("nothing mor")] == [2]
    await store._db.write("DROP TABLE blobs")
    with pytest.raises(StoreFailure, match="which cannot be rebuilt"):
        await store.rebuild()


def written(path: Path, log: Sequence[Envelope]) -> None:
    """Appended by somebody else, at once."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO timelines (id, opened_at) VALUES (?, '')", (log[0].timeline,))
        for e in log:
            row = (e.timeline, e.seq, e.turn, e.at, e.ms, e.event.type, e.v, dumps(plain(e.event)))
            other.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            for sql, values in projections.rows(e, days.local(e.at)):
                other.execute(sql, values)
        other.commit()


async def test_a_turn_that_begins_beside_a_rebuild_loses_nothing(store: SqliteStore) -> None:
    await filled(store)
    late = envelopes([opened("late"), *turn(1, "late?", "Yes.", finished=False)], "a3f9w2m7qd")

    def meanwhile(name: str) -> None:
        if name == ID:
            written(store.path, late)

    await store.rebuild(meanwhile)
    for table in ("turns", "blocks", "attempts"):
        rows = await store._db.query(f"SELECT count(*) FROM {table} WHERE timeline = 'a3f9w2m7qd'")
        assert rows[0][0] > 0, table
    assert await store.recover(Prices({}, [].__contains__)) == ["a3f9w2m7qd"]
