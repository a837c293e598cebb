"""Moves the events of an older database into compact rows, inside the transaction of the migration."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ralph.core.log import events as ev
from ralph.core.log.codec import dumps
from ralph.store.sqlite.rows.times import store_at, store_ms
from ralph.store.sqlite.rows.writing import RowWriter

_BEFORE = "SELECT seq, turn, at, ms, type, v, data FROM events_before WHERE timeline = ? ORDER BY seq"
_ADD_DELTA = "INSERT INTO event_deltas (timeline, seq, turn, at, ms, v, block, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# A damaged log may lack numbers; they are not made up for.
_ORDER = ("event_rows_come_in_order", "event_deltas_come_in_order")
# The search index has the text of every block already.
_SEARCH = ("blocks_searchable_insert",)
_BLOCKS = """
INSERT INTO block_rows (id, timeline, block, turn, at, kind, status, text)
SELECT b.id, t.number, b.block, b.turn, store_at(b.at), b.kind, b.status, coalesce((
    SELECT x.id & 4294967295 FROM event_texts x WHERE x.size = length(b.text) AND x.text = b.text
    AND x.id BETWEEN t.number << 32 AND (t.number << 32) + 4294967295), b.text)
FROM blocks_before b JOIN timelines t ON t.id = b.timeline"""


def move(connection: sqlite3.Connection) -> None:
    """Move every row of the tables of before, and drop them."""
    rules = [_rule(connection, name) for name in (*_ORDER, *_SEARCH)]
    for name in (*_ORDER, *_SEARCH):
        connection.execute(f"DROP TRIGGER {name}")
    writer = RowWriter(connection, {})
    for number, timeline in connection.execute("SELECT number, id FROM timelines ORDER BY number").fetchall():
        for row in connection.execute(_BEFORE, (timeline,)):
            _move(connection, writer, number, row)
    connection.create_function("store_at", 1, store_at)
    connection.execute(_BLOCKS)
    for rule in rules:
        connection.execute(rule)
    for table in ("events_before", "blocks_before"):
        connection.execute(f"DROP TABLE {table}")


def _rule(connection: sqlite3.Connection, name: str) -> str:
    ((sql,),) = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", (name,))
    return str(sql)


def _move(connection: sqlite3.Connection, writer: RowWriter, number: int, row: tuple[Any, ...]) -> None:
    seq, turn, at, ms, kind, v, text = row
    data = _read(text)
    place = (seq, turn, store_at(at) if isinstance(at, str) else at, store_ms(ms) if isinstance(ms, float) else ms)
    block = data.get("block") if data else None
    if data is None or not (isinstance(at, str) and isinstance(ms, float)):
        writer.add_unread(number, place, kind, v, text)
    elif kind == ev.BlockDelta.type and isinstance(block, str):
        connection.execute(_ADD_DELTA, (number, *place, v, block, text))
    else:
        writer.add_row(number, seq, turn, at, ms, kind, v, text, data)
    if kind == ev.BlockFinished.type and isinstance(block, str):
        writer.pack(number, block)


def _read(text: Any) -> dict[str, Any] | None:
    """Return the object of a row, if the codec would write it exactly like this."""
    try:
        data = json.loads(text) if isinstance(text, str) else None
        return data if isinstance(data, dict) and dumps(data) == text else None
    except (ValueError, RecursionError):
        return None
