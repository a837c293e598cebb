"""Writes events as compact rows. Every function runs inside a transaction, on the connection's own thread."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from ralph.core.log import events as ev
from ralph.core.log.codec import dumps, plain
from ralph.core.log.envelope import Envelope
from ralph.store.sqlite.rows import packs
from ralph.store.sqlite.rows.forms import Json, sharable, split
from ralph.store.sqlite.rows.times import store_at, store_ms

_ADD_ROW = """
INSERT INTO event_rows (timeline, seq, turn, at, ms, kind, v, form, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_DELTA_ROW = "((SELECT number FROM timelines WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)"
_ADD_DELTAS = "INSERT INTO event_deltas (timeline, seq, turn, at, ms, v, block, data) VALUES "
_ADD_PACK = """
INSERT INTO event_packs (timeline, seq, last, turn, at, ms, channel, restart, start, lag, lines, block, text)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SAME_TEXT = "SELECT id FROM event_texts WHERE size = ? AND id BETWEEN ? AND ? AND text = ?"
_ADD_TEXT = """
INSERT INTO event_texts (id, size, text)
VALUES (1 + coalesce((SELECT max(id) FROM event_texts WHERE id BETWEEN ? AND ?), ?), ?, ?)"""
_OPEN = "SELECT seq, turn, at, ms, v, data FROM event_deltas WHERE timeline = ? AND block = ? ORDER BY seq"

# The texts of a timeline have the ids from `number << 32` to so many more.
_TEXTS = (1 << 32) - 1
# More forms than this are not shared: something writes a new one each time.
MOST_FORMS = 2_000
_parse = json.JSONDecoder().decode
_DELTA = ev.BlockDelta.type


class RowWriter:
    """Writes the events of one transaction."""

    def __init__(self, connection: sqlite3.Connection, forms: dict[str, int]) -> None:
        """`forms` is kept between transactions; each number in it is checked before it is used."""
        self._db = connection
        self._forms = forms
        self._numbers: dict[str, int] = {}
        self._kinds: dict[str, int] = {}

    def add(self, envelopes: Iterable[Envelope]) -> None:
        """Append events; the deltas of each block that finishes are packed."""
        for e in envelopes:
            kind, data = e.event.type, plain(e.event)
            text = dumps(data)
            if kind == _DELTA and isinstance(e.event, ev.BlockDelta):
                sql, values = insert_deltas([(e, text)])
                self._db.execute(sql, values)
            else:
                self.add_row(self.number(e.timeline), e.seq, e.turn, e.at, e.ms, kind, e.v, text, data)
            if isinstance(e.event, ev.BlockFinished):
                self.pack(self.number(e.timeline), e.event.block)

    def number(self, timeline: str) -> int:
        """Return the number that stands for the timeline in its rows."""
        found = self._numbers.get(timeline)
        if found is None:
            row = self._db.execute("SELECT number FROM timelines WHERE id = ?", (timeline,)).fetchone()
            if row is None:
                raise sqlite3.IntegrityError(f"there is no timeline {timeline}")
            found = self._numbers[timeline] = int(row[0])
        return found

    def add_row(
        self, number: int, seq: int, turn: int, at: str, ms: float, kind: str, v: int, text: str, data: Json
    ) -> None:
        """Add an event that is no delta. `text` is its JSON, and `data` the same as an object."""
        try:
            form, stored = self._split(number, text, data)
        except UnicodeEncodeError:  # half of a surrogate pair; in `text` it is another character
            again = json.loads(text)
            form, stored = self._split(number, text, again) if dumps(again) == text else (None, text)
        row = (number, seq, turn, store_at(at), store_ms(ms), self.kind(kind), v, form, stored)
        self._db.execute(_ADD_ROW, row)

    def _split(self, number: int, text: str, data: Json) -> tuple[int | None, str]:
        """Return the number of the form and the values; without a form the whole JSON."""
        made = split(data, lambda one: self.put(number, one))
        form = self._form(made[0]) if made else None
        if made is None or form is None:
            return None, text
        made[1].encode()
        return form, made[1]

    def add_unread(self, number: int, place: tuple[Any, ...], kind: str, v: int, data: Any) -> None:
        """Add a row as it is, which may be damaged. `place`: seq, turn, and `at` and `ms` as they are stored."""
        self._db.execute(_ADD_ROW, (number, *place, self.kind(kind), v, None, data))

    def kind(self, name: str) -> int:
        """Return the number of a type of event, which may be a new one."""
        found = self._kinds.get(name)
        if found is None:
            row = self._db.execute("SELECT id FROM event_types WHERE type = ?", (name,)).fetchone()
            if row is None:
                row = (self._db.execute("INSERT INTO event_types (type) VALUES (?)", (name,)).lastrowid,)
            found = self._kinds[name] = int(row[0] or 0)
        return found

    def _form(self, parts: str) -> int | None:
        """Return the number of a form. Another process may have removed it with the last timeline that used it."""
        known = self._forms.get(parts)
        if (
            known
            and self._db.execute("SELECT 1 FROM event_forms WHERE id = ? AND parts = ?", (known, parts)).fetchone()
        ):
            return known
        row = self._db.execute("SELECT id FROM event_forms WHERE parts = ?", (parts,)).fetchone()
        if row is None:
            ((count,),) = self._db.execute("SELECT count(*) FROM event_forms")
            if count >= MOST_FORMS:
                return None
            row = (self._db.execute("INSERT INTO event_forms (parts) VALUES (?)", (parts,)).lastrowid,)
        self._forms[parts] = int(row[0] or 0)
        return self._forms[parts]

    def put(self, number: int, text: str) -> int:
        """Return the number of a text in its timeline; it is stored unless it is there."""
        base, size = number << 32, len(text)
        found = self._db.execute(_SAME_TEXT, (size, base, base + _TEXTS, text)).fetchone()
        if found is None:
            row = self._db.execute(_ADD_TEXT, (base, base + _TEXTS, base, size, text))
            found = (row.lastrowid,)
        return int(found[0]) - base

    def pack(self, number: int, block: str) -> None:
        """Pack the deltas of a finished block. What would not come back exactly as it is stays unpacked."""
        rows = self._db.execute(_OPEN, (number, block)).fetchall()
        if not rows:
            return
        found = [(delta, row) for row in rows if (delta := read_delta(row))]
        for run in _runs(found):
            text = "".join([piece for delta, _ in run for _, piece in delta.chunks])
            made = packs.pack([delta for delta, _ in run]) if sharable(text) else None
            if not made or not _same(block, made, text, [row for _, row in run]):
                continue
            place = self.put(number, text)
            self._db.executemany(_ADD_PACK, [(number, *_pack_columns(one), block, place) for one in made])
            gone = [(number, delta.seq) for delta, _ in run]
            self._db.executemany("DELETE FROM event_deltas WHERE timeline = ? AND seq = ?", gone)


def insert_deltas(deltas: Sequence[tuple[Envelope, str]]) -> tuple[str, list[Any]]:
    """Return one statement that stores deltas of open blocks, each with its JSON; and the values of the statement."""
    values: list[Any] = []
    for e, data in deltas:
        block = e.event.block if isinstance(e.event, ev.BlockDelta) else ""
        values += (e.timeline, e.seq, e.turn, store_at(e.at), store_ms(e.ms), e.v, block, data)
    return _ADD_DELTAS + ", ".join([_DELTA_ROW] * len(deltas)), values


def read_delta(row: Sequence[Any]) -> packs.Delta | None:
    """Return a stored delta; None if it is none that ralph writes today."""
    seq, turn, at, ms, v, text = row
    if not (type(at) is type(ms) is int) or v != 1:
        return None
    try:
        data = _parse(text)
        chunks = tuple([(moment, piece) for moment, piece in data["chunks"]])
        return packs.Delta(seq, turn, at, ms, data["channel"], chunks, data["restart"])
    except (ValueError, TypeError, KeyError):
        return None


def _same(block: str, made: Sequence[packs.Pack], text: str, rows: Sequence[Any]) -> bool:
    """Return whether the packs give back exactly these rows."""
    back = [d for one in made for d in packs.unpack(one, text)]
    return len(back) == len(rows) and all(
        (d.seq, d.turn, d.at, d.ms) == row[:4] and delta_json(block, d) == row[5]
        for d, row in zip(back, rows, strict=True)
    )


def delta_json(block: str, delta: packs.Delta) -> str:
    """Return the JSON of a delta as the codec writes it."""
    return dumps({"block": block, "channel": delta.channel, "chunks": delta.chunks, "restart": delta.restart})


def _runs(found: list[tuple[packs.Delta, Any]]) -> Iterable[list[tuple[packs.Delta, Any]]]:
    """Yield the deltas of each channel, from one restart to the next."""
    found.sort(key=lambda one: (one[0].channel, one[0].seq))
    for _, channel in groupby(found, key=lambda one: one[0].channel):
        run: list[tuple[packs.Delta, Any]] = []
        for one in channel:
            if run and one[0].restart:
                yield run
                run = []
            run.append(one)
        yield run


def _pack_columns(one: packs.Pack) -> tuple[Any, ...]:
    return (
        *(one.first, one.last, one.turn, one.at, one.ms, one.channel, int(one.restart), one.start, one.lag, one.lines),
    )
