"""The log: appends events in one transaction with their projections, and reads them back in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiosqlite

from ralph.core.errors import NotFound
from ralph.core.log import events as ev
from ralph.core.log.codec import dumps, envelope_of, plain
from ralph.core.log.envelope import Envelope
from ralph.core.masking import Secrets
from ralph.core.ports.store import Tail
from ralph.core.timeline.timeline import Fold, Timeline, describe_damage, missing
from ralph.store.sqlite import days, projections
from ralph.store.sqlite.database import Database

_ROW = "(?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT = f"INSERT INTO events (timeline, seq, turn, at, ms, type, v, data) VALUES {_ROW}"
# The data as bytes: a row that is no valid text must not make the other rows unreadable.
COLUMNS = "SELECT timeline, seq, turn, at, ms, type, v, CAST(data AS BLOB) FROM events WHERE timeline = ?"
# The literal type matches the partial index. The plus keeps SQLite from going by seq, which reads every event of the
# timeline: 40 ms for ten thousand blocks, 0.1 ms by the index.
BEGINS = "SELECT seq FROM events WHERE timeline = ? AND type = 'turn.started' AND +seq <= ? ORDER BY turn DESC LIMIT ?"
_BETWEEN = f"{COLUMNS} AND turn = 0 AND seq <= ? AND type <> 'roles.changed' ORDER BY seq"
CHANGES = f"{COLUMNS} AND type = 'roles.changed' AND seq <= ? ORDER BY seq"
_FROM = f"{COLUMNS} AND seq BETWEEN ? AND ? AND type <> 'block.delta' ORDER BY seq"
_BELOW = (
    f"{COLUMNS} AND seq > ? AND seq < ? AND (turn > 0 AND type <> 'block.delta' OR type = 'roles.changed')"
    " ORDER BY seq LIMIT ?"
)
_GAPS = """
SELECT before, seq FROM (
    SELECT seq, lag(seq, 1, (SELECT fork_seq FROM timelines WHERE id = ?)) OVER (ORDER BY seq) AS before
    FROM events WHERE timeline = ? AND seq <= ?)
WHERE seq <> before + 1"""
_END = 1 << 62
# SQLite takes at least 999 values in one statement.
_AT_ONCE = 100
# `json.loads` first detects the encoding of bytes, which takes a quarter of its time.
_parse = json.JSONDecoder().decode
# The rows per read of a long timeline: as JSON they take three times the memory of the folded timeline.
_ROWS = 1000


class Log:
    """The events of all timelines."""

    def __init__(self, database: Database, secrets: Secrets | None = None) -> None:
        self._db = database
        self._secrets = secrets or Secrets()

    async def append(
        self, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes] | None = None, *, run: str = ""
    ) -> None:
        """Append all of these events or none; they are committed on return. With a `run`, write only the ledger.

        Known secrets are masked here, because every write to the log and its projections passes this method.
        """
        envelopes = self._secrets.hide_in(tuple(envelopes))
        if all(type(e.event) is ev.BlockDelta for e in envelopes) and len(envelopes) <= _AT_ONCE and not blobs:
            if not run:
                await self._deltas(envelopes)
            return
        if run and self._db.read_only:
            return  # the person was told at the opening; requests are still sent, and nothing is stored
        async with self._db.transaction() as connection:
            if not run:
                await _append(connection, envelopes, blobs or {})
                return
            for envelope in envelopes:
                day = await _day(connection, envelope)
                for sql, values in projections.ledger(envelope, day, run):
                    await connection.execute(sql, values)

    async def _deltas(self, envelopes: Sequence[Envelope]) -> None:
        """Store pieces of a stream, which no projection uses: one statement is its own transaction.

        Each statement is a trip to the connection's thread and back, 0.1 ms of CPU; a whole transaction has four.
        This method runs sixteen times a second while an answer streams.
        """
        if envelopes:
            sql = _INSERT + f", {_ROW}" * (len(envelopes) - 1)
            await self._db.write(sql, *(value for envelope in envelopes for value in _columns(envelope)))

    async def events(self, timeline: str, *, deltas: bool = True) -> list[Envelope]:
        """Return inherited events, then the timeline's own. Without `deltas` the fold is the same, and faster."""
        only = "" if deltas else "AND type <> 'block.delta'"
        sql = f"{COLUMNS} AND seq <= ? {only} ORDER BY seq"
        made: list[Envelope] = []
        for ancestor, end in await self._lineage(timeline):
            made += [envelope_of_row(row) for row in await self._db.query(sql, ancestor, end)]
        return made

    async def own(self, timeline: str) -> list[Envelope]:
        """Return the timeline's own events, without inherited events and deltas."""
        rows = await self._db.query(f"{COLUMNS} AND type <> 'block.delta' ORDER BY seq", timeline)
        return [envelope_of_row(row) for row in rows]

    async def harm(self, timeline: str) -> list[str]:
        """Return one sentence per loss in this timeline and its inherited events; reads every row."""
        found: list[str] = []
        for name, end in await self._lineage(timeline):
            gaps = await self._db.query(_GAPS, name, name, end)
            found += [missing(name, before + 1, seq - 1) for before, seq in gaps]
            rows = await self._db.query(f"{COLUMNS} AND seq <= ? ORDER BY seq", name, end)
            found += await asyncio.to_thread(_describe_damage, rows)
        return found

    async def tail(self, timeline: str, turns: int) -> Tail:
        """Return the last `turns` (1 or more) without deltas: the first screen, and the start of a next turn."""
        made: list[Envelope] = []
        before: list[tuple[str, int]] = []
        changes: list[Envelope] = []
        for ancestor, end in reversed(await self._lineage(timeline)):
            begins = await self._db.query(BEGINS, ancestor, end, turns) if turns else []
            turns -= len(begins)
            first = min((seq for (seq,) in begins), default=end + 1) if not turns else 0
            rows = await self._db.query(_BETWEEN, ancestor, min(first - 1, end)) if first else []
            rows += await self._db.query(_FROM, ancestor, first, end)
            made[:0] = [envelope_of_row(row) for row in rows]
            changes[:0] = [envelope_of_row(row) for row in await self._db.query(CHANGES, ancestor, end)]
            if first > 1:
                before.insert(0, (ancestor, first))
        chosen = tuple(c.event for c in changes if isinstance(c.event, ev.RolesChanged))
        return Tail(made, tuple(before), chosen)

    async def earlier(self, tail: Tail) -> Timeline:
        """Fold the turns before a tail, off the event loop: ten thousand blocks take a second."""
        folding = Fold("")
        for ancestor, first in tail.before:
            last = 0
            while rows := await self._db.query(_BELOW, ancestor, last, first, _ROWS):
                last = rows[-1][1]
                await asyncio.to_thread(_add, folding, rows)
        return folding.timeline()

    async def _lineage(self, timeline: str) -> list[tuple[str, int]]:
        """Return the timeline and its ancestors, oldest first, each with its last relevant seq."""
        chain: list[tuple[str, int]] = []
        name: str | None = timeline
        end = _END
        while name is not None:
            rows = await self._db.query("SELECT forked_from, fork_seq FROM timelines WHERE id = ?", name)
            if not rows:
                raise NotFound(f"there is no timeline {name}")
            chain.insert(0, (name, end))
            name, end = rows[0][0], min(end, rows[0][1])
        return chain

    async def blob(self, sha256: str) -> bytes:
        """Return the bytes of an output or attachment. Raises `NotFound`."""
        rows = await self._db.query("SELECT data FROM blobs WHERE sha256 = ?", sha256)
        if not rows:
            raise NotFound(f"there is no blob {sha256}")
        return bytes(rows[0][0])


async def _append(connection: aiosqlite.Connection, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes]) -> None:
    for envelope in envelopes:
        if isinstance(envelope.event, ev.TimelineOpened):
            await _open(connection, envelope, envelope.event)
    if blobs:
        rows = [(name, len(data), data) for name, data in blobs.items()]
        await connection.executemany("INSERT OR IGNORE INTO blobs (sha256, bytes, data) VALUES (?, ?, ?)", rows)
    await connection.executemany(_INSERT, [_columns(e) for e in envelopes])
    for envelope in envelopes:
        day = await _day(connection, envelope)
        for sql, values in projections.rows(envelope, day):
            await connection.execute(sql, values)
    latest = {envelope.timeline: envelope.at for envelope in envelopes}
    for timeline, at in latest.items():
        await connection.execute("UPDATE timelines SET updated_at = ? WHERE id = ?", (at, timeline))


async def _day(connection: aiosqlite.Connection, envelope: Envelope) -> days.Day:
    """Return the ledger's day; it is looked up only if an attempt begins."""
    if isinstance(envelope.event, ev.AttemptStarted):
        return await days.ledger_day(connection.execute_fetchall, envelope.at)
    return days.NONE


async def _open(connection: aiosqlite.Connection, envelope: Envelope, opened: ev.TimelineOpened) -> None:
    fork = opened.forked_from
    place = (fork.timeline, fork.seq, fork.turn) if fork else (None, 0, 0)
    await connection.execute(
        "INSERT INTO timelines (id, opened_at, forked_from, fork_seq, fork_turn) VALUES (?, ?, ?, ?, ?)",
        (envelope.timeline, envelope.at, *place),
    )


def _columns(envelope: Envelope) -> tuple[str, int, int, str, float, str, int, str]:
    event = envelope.event
    data = dumps(plain(event))
    return (envelope.timeline, envelope.seq, envelope.turn, envelope.at, envelope.ms, event.type, envelope.v, data)


def _describe_damage(rows: Sequence[Any]) -> list[str]:
    return describe_damage([envelope_of_row(row) for row in rows])


def _add(folding: Fold, rows: Sequence[Any]) -> None:
    for row in rows:
        folding.add(envelope_of_row(row))


def envelope_of_row(row: Any) -> Envelope:
    """Return the envelope of a row. A damaged row gives an envelope that says so, so that all others stay readable."""
    timeline, seq, turn, at, ms, kind, v, data = row
    try:
        made = _parse(str(data, "utf-8", "surrogatepass"))
        if not isinstance(made, dict):
            raise TypeError(f"{type(made).__name__} in place of an object")
        return envelope_of(timeline=timeline, seq=seq, turn=turn, at=at, ms=ms + 0.0, kind=kind, v=v, data=made)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = "no JSON" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        place = ms if isinstance(ms, float) else 0.0
        return Envelope(timeline, seq, turn, str(at), place, ev.Unknown(str(kind), {}, why))
