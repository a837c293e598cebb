"""Reads compact rows back as envelopes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ralph.core.log import events as ev
from ralph.core.log.codec import envelope_of
from ralph.core.log.envelope import Envelope
from ralph.store.sqlite.rows import packs
from ralph.store.sqlite.rows.forms import texts_of, values_of
from ralph.store.sqlite.rows.templates import Template, parse
from ralph.store.sqlite.rows.times import read_at, read_ms

# The data as bytes: a row that is no valid text must not make the other rows unreadable.
COLUMNS = "SELECT seq, turn, at, ms, kind, v, form, CAST(data AS BLOB) FROM event_rows"
OF = " WHERE timeline = (SELECT number FROM timelines WHERE id = ?)"
NUMBER = "(SELECT number FROM timelines WHERE id = ?1)"
_DELTAS = f"SELECT seq, turn, at, ms, v, CAST(data AS BLOB) FROM event_deltas{OF} AND seq <= ?"
_PACKS = f"""
SELECT seq, last, turn, at, ms, channel, restart, start, lag, lines, block, text, ?2 FROM event_packs
WHERE timeline = {NUMBER} AND seq <= ?2"""
_STREAMED = (_DELTAS, _PACKS)
_TEXTS = """
SELECT id & 4294967295, CAST(text AS BLOB) FROM event_texts
WHERE id IN (SELECT (number << 32) + value FROM timelines, json_each(?) WHERE timelines.id = ?)"""


class Forms:
    """The forms and types that were read so far: their numbers are never used again."""

    def __init__(self) -> None:
        self.templates: dict[int, Template] = {}
        self.types: dict[int, str] = {}

    def forget(self) -> None:
        """Forget all, after a transaction that may have made some was rolled back."""
        self.templates.clear()
        self.types.clear()

    def learn(self, connection: sqlite3.Connection, rows: Sequence[Any]) -> None:
        """Read the forms and types of these rows that are not known yet."""
        forms = {row[6] for row in rows if row[6] is not None} - self.templates.keys()
        if forms:
            sql = "SELECT id, parts FROM event_forms WHERE id IN (SELECT value FROM json_each(?))"
            for number, parts in connection.execute(sql, (json.dumps(list(forms)),)):
                self.templates[number] = Template(json.loads(parts))
        if {row[4] for row in rows} - self.types.keys():
            self.types.update(connection.execute("SELECT id, type FROM event_types").fetchall())


class Found:
    """Rows of one timeline, with all that they refer to."""

    def __init__(
        self, timeline: str, forms: Forms, rows: Sequence[Any], deltas: Sequence[Any], packs: Sequence[Any]
    ) -> None:
        self.timeline = timeline
        self.rows = rows
        self._forms = forms
        self._deltas = deltas
        self._packs = packs
        self._texts: Mapping[int, str] = {}
        self._values: list[list[str]] = []

    def fetch_texts(self, connection: sqlite3.Connection) -> None:
        """Read the texts that the rows refer to."""
        self._values = [_values(row[7]) if row[6] is not None else [] for row in self.rows]
        wanted = {place for values in self._values for place in texts_of(values)}
        wanted.update(row[11] for row in self._packs)
        if wanted:
            found = connection.execute(_TEXTS, (json.dumps(sorted(wanted)), self.timeline))
            self._texts = {place: str(text, "utf-8", "replace") for place, text in found}

    def envelopes(self) -> Iterator[Envelope]:
        """Yield the events in order. A damaged row gives an event that says so, so that all others stay readable."""
        rows = map(self._event, self.rows, self._values)
        if not self._deltas and not self._packs:
            return rows
        made = [*rows, *(_delta(self.timeline, row) for row in self._deltas)]
        made += [e for row in self._packs for e in _unpack_events(self.timeline, row, self._texts.get(row[11]))]
        return iter(sorted(made, key=lambda e: e.seq))

    def _event(self, row: Sequence[Any], values: Sequence[str]) -> Envelope:
        seq, turn, at, ms, kind, v, form, data = row
        name = self._forms.types.get(kind, "")
        try:
            if form is None:
                made = parse(str(data, "utf-8", "surrogatepass"))
            else:
                made = self._forms.templates[form].read(values, self._texts)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            why = f"what it refers to is lost: {error}" if isinstance(error, KeyError) else "no JSON"
            return Envelope(self.timeline, seq, turn, read_at(at), _place(ms), ev.Unknown(name, {}, why))
        return _build(self.timeline, (seq, turn, read_at(at), ms, name, v), made)


def fetch(
    connection: sqlite3.Connection, forms: Forms, timeline: str, sql: str, *values: Any, deltas: int = 0
) -> Found:
    """Return what this query over `COLUMNS` finds, and the deltas up to the seq `deltas`."""
    rows = connection.execute(sql, (timeline, *values)).fetchall()
    open_ones, packed = ((connection.execute(q, (timeline, deltas)).fetchall() if deltas else []) for q in _STREAMED)
    forms.learn(connection, rows)
    found = Found(timeline, forms, rows, open_ones, packed)
    found.fetch_texts(connection)
    return found


def _build(timeline: str, place: tuple[int, int, str, Any, str, int], made: Any) -> Envelope:
    seq, turn, at, ms, kind, v = place
    try:
        if not isinstance(made, dict):
            raise TypeError(f"{type(made).__name__} in place of an object")
        return envelope_of(
            timeline=timeline, seq=seq, turn=turn, at=at, ms=read_ms(ms) + 0.0, kind=kind, v=v, data=made
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = "no JSON" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        return Envelope(timeline, seq, turn, at, _place(ms), ev.Unknown(kind, {}, why))


def _place(ms: Any) -> float:
    return read_ms(ms) if isinstance(ms, int | float) else 0.0


def _values(data: bytes) -> list[str]:
    """Return the values of a row; none that fit its form if it is damaged."""
    try:
        return values_of(str(data, "utf-8"))
    except ValueError:
        return []


def _delta(timeline: str, row: Sequence[Any]) -> Envelope:
    seq, turn, at, ms, v, data = row
    kind = ev.BlockDelta.type
    try:
        made = parse(str(data, "utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return Envelope(timeline, seq, turn, read_at(at), _place(ms), ev.Unknown(kind, {}, "no JSON"))
    return _build(timeline, (seq, turn, read_at(at), ms, kind, v), made)


def _unpack_events(timeline: str, row: Sequence[Any], text: str | None) -> Iterator[Envelope]:
    first, last, turn, at, ms, channel, restart, start, lag, lines, block, _, end = row
    pack = packs.Pack(first, last, turn, at, ms, channel, bool(restart), start, lag, lines)
    try:
        if text is None:
            raise ValueError("its text is lost")
        for d in packs.unpack(pack, text):
            if d.seq <= end:
                event: Any = ev.BlockDelta(block, d.channel, d.chunks, d.restart)  # type: ignore[arg-type]
                yield Envelope(timeline, d.seq, d.turn, read_at(d.at), read_ms(d.ms), event)
    except (ValueError, TypeError, OverflowError) as error:
        event = ev.Unknown(ev.BlockDelta.type, {}, f"{type(error).__name__}: {error}")
        yield Envelope(timeline, first, turn, str(at), 0.0, event)
