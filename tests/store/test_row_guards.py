"""The tables below `events` refuse change too, and a death at any moment leaves every delta in one place."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ralph.core.log import events as ev
from ralph.core.log.codec import to_json
from ralph.core.log.envelope import Envelope
from ralph.store.sqlite.store import SqliteStore
from tests.store.logs import envelopes, opened, turn
from tests.store.test_rows import as_before, outside, row

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

ID = "k3f9w2m7qd"
ANSWER = "It is two, whatever the table says: one and one have always been two."
LOG = envelopes([opened(), *turn(1, "what is 1+1?", ANSWER), *turn(2, "and then?", ANSWER, finished=False)])


# Each table of the log with a column of text.
TABLES = {
    "event_rows": "data",
    "event_texts": "text",
    "event_forms": "parts",
    "event_types": "type",
    "event_deltas": "data",
    "event_packs": "lines",
}


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        return other.execute(sql).fetchall()


@pytest.mark.parametrize(
    "table", ["event_rows", "event_texts", "event_forms", "event_types", "event_deltas", "event_packs"]
)
async def test_no_table_of_the_log_lets_a_row_be_changed_replaced_or_removed(store: SqliteStore, table: str) -> None:
    await store.log.append(LOG)
    column = TABLES[table]
    assert ask(store.path, f"SELECT count(*) FROM {table}")[0] > (0,)
    for sql in (
        f"UPDATE {table} SET {column} = '{{}}'",
        f"DELETE FROM {table}",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        f"REPLACE INTO {table} SELECT * FROM {table} ORDER BY 1 DESC, 2 DESC LIMIT 1",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            ask(store.path, sql)
    assert outside(store.path) == [row(e) for e in LOG]


async def test_a_pack_stands_only_for_deltas_that_are_there(store: SqliteStore) -> None:
    await store.log.append(LOG)
    columns = "turn, at, ms, block, channel, restart, text, start, lag, lines"
    for seq in (3, 999):
        with pytest.raises(sqlite3.IntegrityError):
            ask(store.path, f"INSERT INTO event_packs SELECT timeline, {seq}, 999, {columns} FROM event_packs LIMIT 1")
    assert outside(store.path) == [row(e) for e in LOG]


async def test_a_text_is_stored_once_and_deltas_of_a_finished_block_are_packed(store: SqliteStore) -> None:
    await store.log.append(LOG)
    assert ask(store.path, f"SELECT count(*) FROM event_texts WHERE text = '{ANSWER}'") == [(1,)]
    assert ask(store.path, "SELECT block FROM event_packs") == [("1.4",)]
    assert ask(store.path, "SELECT block FROM event_deltas") == [("2.4",)]
    for table in ("event_rows", "event_packs", "block_rows"):
        for line in ask(store.path, f"SELECT * FROM {table}"):
            assert ANSWER not in map(str, line), table


async def test_a_form_that_was_rolled_back_is_not_remembered(store: SqliteStore) -> None:
    await store.log.append(LOG[:3])
    note = ev.Note("kind of its own", "a text")
    wrong = [Envelope(ID, 4, 1, LOG[0].at, 1.0, note), Envelope(ID, 9, 1, LOG[0].at, 1.0, note)]
    with contextlib.suppress(Exception):
        await store.log.append(wrong)
    await store.log.append(LOG[3:])
    assert await store.log.events(ID) == LOG
    assert outside(store.path) == [row(e) for e in LOG]


WRITER = """
import asyncio, json, sys
from pathlib import Path
from ralph.core.clock import SystemClock
from ralph.core.log.codec import from_json
from ralph.store.sqlite.store import SqliteStore

async def main():
    store = await SqliteStore.open(Path(sys.argv[1]), SystemClock())
    print("open", flush=True)
    for line in Path(sys.argv[2]).read_text().splitlines():
        await store.log.append([from_json(json.loads(line))])
        print(line[:40], flush=True)

asyncio.run(main())
"""


def test_a_kill_while_blocks_are_packed_loses_no_delta(tmp_path: Path) -> None:
    lines = [opened()]
    for number in range(1, 40):
        whole = turn(number, f"question {number}", ANSWER)
        piece = next(place for place, (_, event) in enumerate(whole) if isinstance(event, ev.BlockDelta))
        block = f"{number}.4"
        parts = [(number, ev.BlockDelta(block, "text", ((5 * n, ANSWER[n : n + 1]),))) for n in range(len(ANSWER))]
        lines += [*whole[:piece], *parts, *whole[piece + 1 :]]
    log = envelopes(lines)
    (tmp_path / "log.jsonl").write_text("\n".join(json.dumps(to_json(e)) for e in log))
    for place in range(6):
        path = tmp_path / str(place) / "ralph.db"
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(tmp_path / "log.jsonl")], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        for _ in range(60 + 97 * place):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        found = outside(path)
        assert found == [row(e) for e in log[: len(found)]]
        assert len(found) >= 59 + 97 * place
        process.stdout.close()


def test_a_kill_while_an_old_database_is_moved_leaves_all_of_it(tmp_path: Path) -> None:
    log = envelopes([opened(), *(one for number in range(1, 120) for one in turn(number, f"is it {number}?", ANSWER))])
    left = as_before(tmp_path / "old.db", log)
    for place in range(5):
        path = tmp_path / str(place) / "ralph.db"
        path.parent.mkdir()
        path.write_bytes((tmp_path / "old.db").read_bytes())
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), os.devnull], stdout=subprocess.PIPE, text=True
        )
        waited = time.monotonic() + 60
        while not path.with_suffix(".before-9.db").exists() and time.monotonic() < waited:
            time.sleep(0.001)
        time.sleep(0.01 * place)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert sorted(outside(path), key=lambda one: one[1]) == left
        command = [sys.executable, "-c", WRITER, str(path), os.devnull]
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        assert again.stdout == "open\n", again.stderr
        assert outside(path) == left
