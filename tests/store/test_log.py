"""The log is append-only, comes back as it went in, and keeps its ledger."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest

from ralph.core.errors import Failure, NotFound, StoreFailure
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.json_output import timeline_json
from ralph.core.timeline.timeline import Fold, fold
from ralph.store.sqlite.log import BEGINS, BETWEEN, CHANGES
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock
from tests.store.logs import COST, envelopes, opened, turn

ID = "k3f9w2m7qd"


def log_of_two_turns() -> list[Envelope]:
    return envelopes([opened(), *turn(1, "what is 1+1?", "It is two."), *turn(2, "and then?", "Nothing more.")])


async def test_events_come_back_as_they_went_in(store: SqliteStore) -> None:
    log = log_of_two_turns()
    await store.log.append(log[:5])
    await store.log.append(log[5:])
    assert await store.log.events(ID) == log


async def test_without_deltas_the_fold_is_the_same(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns())
    assert fold(ID, await store.log.events(ID, deltas=False)) == fold(ID, await store.log.events(ID))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET data = '{}' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 2",
        "INSERT INTO events SELECT timeline, seq + 100, turn, at, ms, type, v, data FROM events WHERE seq = 1",
        "INSERT INTO events VALUES ('nosuchtime', 1, 0, '', 0, 'note', 1, '{}')",
    ],
)
async def test_the_log_refuses_every_change(store: SqliteStore, sql: str) -> None:
    log = log_of_two_turns()
    await store.log.append(log)
    with contextlib.closing(sqlite3.connect(store.path)) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(sql)
    assert await store.log.events(ID) == log


async def test_a_batch_is_stored_whole_or_not_at_all(store: SqliteStore) -> None:
    log = log_of_two_turns()
    await store.log.append(log[:3])
    with pytest.raises(StoreFailure):
        await store.log.append([*log[3:5], log[9]])
    assert await store.log.events(ID) == log[:3]
    await store.log.append(log[3:])


async def test_a_removed_timeline_goes_whole_and_leaves_its_ledger(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns())
    assert await store.remove(ID) == [ID]
    with pytest.raises(NotFound):
        await store.log.events(ID)
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        for table in ("timelines", "events", "turns", "blocks"):
            assert other.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        rows = other.execute("SELECT sum(nano_usd), min(deleted) FROM attempts").fetchone()
        assert rows == (2 * (COST.nano_usd or 0), 1)
        with pytest.raises(sqlite3.IntegrityError):
            other.execute("DELETE FROM attempts")
    assert await store.catalog.search("two") == ()


async def test_a_timeline_with_forks_is_kept_unless_told_otherwise(store: SqliteStore) -> None:
    log = log_of_two_turns()
    await store.log.append(log)
    fork = ev.TimelineOpened("fork", ev.ForkPoint(ID, log[-1].seq, 2))
    await store.log.append([Envelope("f0rk000000", log[-1].seq + 1, 0, log[-1].at, 0.0, fork)])
    with pytest.raises(Failure, match="has forks"):
        await store.remove(ID)
    assert await store.remove(ID, with_forks=True) == ["f0rk000000", ID]


async def test_a_fork_reads_its_parents_events_up_to_the_fork(store: SqliteStore) -> None:
    log = log_of_two_turns()
    await store.log.append(log)
    first = [e for e in log if e.turn <= 1]
    place = ev.ForkPoint(ID, first[-1].seq, 1)
    own = envelopes([(0, ev.TimelineOpened("fork", place)), *turn(2, "else?", "Yes.")], "f0rk000000", first[-1].seq)
    await store.log.append(own)
    assert await store.log.events("f0rk000000") == first + own
    forked = fold("f0rk000000", first + own)
    assert [t.text for t in forked.turns] == ["It is two.", "Yes."]
    assert forked.cost == COST
    assert forked.inherited_cost == COST


async def test_projections_are_remade_from_the_events(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns())
    tables = ("timelines", "turns", "attempts")
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        before = [other.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables]
        blocks = other.execute("SELECT timeline, block, kind, status, text FROM blocks ORDER BY block").fetchall()
        other.execute("DELETE FROM turns")
        other.execute("DELETE FROM blocks")
        other.execute("UPDATE attempts SET nano_usd = 1, outcome = 'lost'")
        other.execute("UPDATE timelines SET title = 'wrong'")
    shown = timeline_json(fold(ID, await store.log.events(ID)))
    await store.rebuild()
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        assert [other.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables] == before
        again = other.execute("SELECT timeline, block, kind, status, text FROM blocks ORDER BY block").fetchall()
    assert again == blocks
    assert timeline_json(fold(ID, await store.log.events(ID))) == shown
    assert [hit.turn for hit in await store.catalog.search("nothing mor")] == [2]


async def test_search_takes_anything_that_a_person_types(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns())
    for text in ('"', "two OR", "NEAR(", "*", "a-b", "", "('", "it's", "two\x00", "\U0001f600"):
        await store.catalog.search(text)
    hits = await store.catalog.search("TWO")
    assert [(h.timeline, h.turn, h.kind) for h in hits] == [(ID, 1, "format")]


async def test_ids_may_be_shortened(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns())
    await store.log.append(envelopes([opened()], "k3zzzzzzzz"))
    assert await store.catalog.resolve("k3f") == ID
    assert await store.catalog.resolve("last") in (ID, "k3zzzzzzzz")
    with pytest.raises(NotFound, match="more than one"):
        await store.catalog.resolve("k3")
    with pytest.raises(NotFound, match="no timeline 'nope'"):
        await store.catalog.resolve("nope")
    with pytest.raises(NotFound):
        await store.catalog.resolve("")


async def test_unsaved_runs_write_only_the_ledger(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns(), run="unsaved001")
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        assert other.execute("SELECT count(*), min(saved) FROM attempts").fetchone() == (2, 0)
        for table in ("timelines", "events", "turns", "blocks", "blobs"):
            assert other.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_blobs_are_kept_by_their_content(store: SqliteStore) -> None:
    log = log_of_two_turns()
    await store.log.append(log[:2], {"aa": b"whole"})
    assert await store.log.blob("aa") == b"whole"
    with pytest.raises(NotFound):
        await store.log.blob("bb")


async def test_files_are_private(store: SqliteStore) -> None:
    await store.log.append(log_of_two_turns())
    for file in store.path.parent.glob("ralph.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


async def test_two_openings_of_a_new_file_make_it_once(tmp_path: Path) -> None:
    clock = FrozenClock()
    stores = await asyncio.gather(*[SqliteStore.open(tmp_path / "new" / "ralph.db", clock) for _ in range(4)])
    for one in stores:
        assert await one.damage() == ""
        await one.close()


async def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ralph.db").write_bytes(b"not a database at all, " * 100)
    with pytest.raises(StoreFailure, match="not a ralph database"):
        await SqliteStore.open(tmp_path / "ralph.db", FrozenClock())


async def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "ralph.db")) as newer:
        newer.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreFailure, match="newer ralph"):
        await SqliteStore.open(tmp_path / "ralph.db", FrozenClock())


async def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFailure, match="RALPH_DATA_DIR"):
        await SqliteStore.open(tmp_path / "file" / "ralph.db", FrozenClock())


async def test_backup_is_a_whole_copy(store: SqliteStore, tmp_path: Path) -> None:
    await store.log.append(log_of_two_turns())
    await store.backup(tmp_path / "copy.db")
    other = await SqliteStore.open(tmp_path / "copy.db", FrozenClock())
    assert await other.log.events(ID) == log_of_two_turns()
    await other.close()
    await store.vacuum()


async def test_a_folder_where_the_file_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ralph.db").mkdir()
    with pytest.raises(StoreFailure, match=r"ralph\.db"):
        await SqliteStore.open(tmp_path / "ralph.db", FrozenClock())


@pytest.mark.parametrize("turns", range(1, 8))
async def test_a_tail_and_what_came_before_it_are_the_whole(store: SqliteStore, turns: int) -> None:
    """Over a fork of a fork, with changes between turns."""
    changed = (0, ev.RolesChanged({"format": "a:m"}, {"format": "b:m"}))
    first = [opened(), changed, *turn(1, "one", "1"), (0, ev.TimelineChanged(system="be brief"))]
    first += [*turn(2, "two", "2"), changed]
    await store.log.append(envelopes([*first, *turn(3, "three", "3")]))
    child, grandchild, parent, after = "c" * 10, "g" * 10, ID, len(first)
    for name, number in ((child, 3), (grandchild, 4)):
        fork = (0, ev.TimelineOpened(f"fork {name}", ev.ForkPoint(parent, after, number - 1)))
        events = [fork, *turn(number, name, "and so on")]
        await store.log.append(envelopes(events, name, after))
        parent, after = name, after + len(events)
    for name in (ID, child, grandchild):
        tail = await store.log.tail(name, turns)
        folding = Fold(name)
        for envelope in tail.envelopes:
            folding.add(envelope)
        whole = fold(name, await store.log.events(name))
        seen = folding.timeline()
        assert tail.changes == tuple(change for _, change in whole.role_changes)
        assert seen.turns == whole.turns[len(whole.turns) - min(turns, len(whole.turns)) :]
        assert (seen.title, seen.system, seen.last_seq) == (whole.title, whole.system, whole.last_seq)
        earlier = await store.log.earlier(tail)
        assert tail.before or not earlier.turns
        folding.earlier(earlier)
        assert folding.timeline() == whole


@pytest.mark.parametrize(("sql", "values"), [(BEGINS, (1 << 62, 12)), (CHANGES, (1 << 62,)), (BETWEEN, (1 << 62,))])
async def test_where_turns_begin_and_models_change_is_found_without_reading_the_rest(
    store: SqliteStore, tmp_path: Path, sql: str, values: tuple[int, ...]
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "ralph.db")) as beside:
        plan = [row[3] for row in beside.execute(f"EXPLAIN QUERY PLAN {sql}", ("k3f9w2m7qd", *values))]
    reads = [step for step in plan if "event_rows" in step and "(timeline=? AND seq=?)" not in step]
    assert len(reads) == 1
    assert "USING COVERING INDEX events_" in reads[0]
