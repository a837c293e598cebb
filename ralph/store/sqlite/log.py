"""The log: appends events in one transaction with their projections, and reads them back in order."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ralph.core.errors import NotFound
from ralph.core.log import events as ev
from ralph.core.log.codec import dumps, plain
from ralph.core.log.envelope import Envelope
from ralph.core.masking import Secrets
from ralph.core.ports.store import Tail
from ralph.core.timeline.timeline import Fold, Timeline, describe_damage, missing
from ralph.store.sqlite import days, projections
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.rows.reading import COLUMNS, NUMBER, OF, Forms, Found, fetch
from ralph.store.sqlite.rows.writing import RowWriter, insert_deltas

# Kinds by number (the table `event_types`): 2 is `turn.started`, 3 `roles.changed`, and 4 `block.delta`, which only
# another program writes into this table. The marked ones have an index, whose condition a query must repeat: 0.1 ms,
# and 40 ms without it in a timeline of ten thousand blocks.
_MARKED = "kind IN (1, 2, 3)"
BEGINS = f"SELECT seq FROM event_rows{OF} AND kind = 2 AND {_MARKED} AND seq <= ? ORDER BY seq DESC LIMIT ?"
_AMONG = f"{COLUMNS} WHERE timeline = {NUMBER} AND seq IN (SELECT seq FROM event_rows WHERE timeline = {NUMBER}"
BETWEEN = f"{_AMONG} AND turn = 0 AND seq <= ?2) AND kind <> 3 ORDER BY seq"
CHANGES = f"{_AMONG} AND kind = 3 AND {_MARKED} AND seq <= ?2) ORDER BY seq"
_FROM = f"{COLUMNS}{OF} AND seq BETWEEN ? AND ? AND kind <> 4 ORDER BY seq"
_ALL = f"{COLUMNS}{OF} AND seq <= ? ORDER BY seq"
_WHOLE = f"{COLUMNS}{OF} AND seq <= ? AND kind <> 4 ORDER BY seq"
_BELOW = f"{COLUMNS}{OF} AND seq > ? AND seq < ? AND (turn > 0 AND kind <> 4 OR kind = 3) ORDER BY seq LIMIT ?"
_END = 1 << 62
# SQLite takes at least 999 values in one statement.
_AT_ONCE = 100
# The rows per read of a long timeline: as JSON they take three times the memory of the folded timeline.
_ROWS = 1000


class Log:
    """The events of all timelines."""

    def __init__(self, database: Database, secrets: Secrets | None = None) -> None:
        self._db = database
        self._secrets = secrets or Secrets()
        self._known = Forms()
        self._forms: dict[str, int] = {}

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
        if run:
            await self._db.transact(lambda db: _write_ledger(db, envelopes, run))
            return
        try:
            await self._db.transact(lambda db: _write(db, self._forms, envelopes, blobs or {}))
        except BaseException:
            self._known.forget()  # it may have seen forms that are undone now
            raise

    async def _deltas(self, envelopes: Sequence[Envelope]) -> None:
        """Store pieces of a stream, which no projection uses: one statement is its own transaction.

        Each statement is a trip to the connection's thread and back, 0.1 ms of CPU; a whole transaction has four.
        This method runs sixteen times a second while an answer streams.
        """
        if envelopes:
            sql, values = insert_deltas([(e, dumps(plain(e.event))) for e in envelopes])
            await self._db.write(sql, *values)

    async def events(self, timeline: str, *, deltas: bool = True) -> list[Envelope]:
        """Return inherited events, then the timeline's own. Without `deltas` the fold is the same, and faster."""
        made: list[Envelope] = []
        for ancestor, end in await self._lineage(timeline):
            found = await self._fetch(ancestor, _ALL if deltas else _WHOLE, end, deltas=end if deltas else 0)
            made += found.envelopes()
        return made

    async def _fetch(self, timeline: str, sql: str, *values: Any, deltas: int = 0) -> Found:
        return await self._db.read(lambda db: fetch(db, self._known, timeline, sql, *values, deltas=deltas))

    async def own(self, timeline: str) -> list[Envelope]:
        """Return the timeline's own events, without inherited events and deltas."""
        return list((await self._fetch(timeline, _WHOLE, _END)).envelopes())

    async def harm(self, timeline: str) -> list[str]:
        """Return one sentence per loss in this timeline and its inherited events; reads every row."""
        found: list[str] = []
        for name, end in await self._lineage(timeline):
            made = list((await self._fetch(name, _ALL, end, deltas=end)).envelopes())
            rows = await self._db.query("SELECT fork_seq FROM timelines WHERE id = ?", name)
            before = [rows[0][0], *(e.seq for e in made)] if rows else []
            found += [missing(name, a + 1, b - 1) for a, b in pairwise(before) if b != a + 1]
            found += await asyncio.to_thread(describe_damage, made)
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
            made[:0] = (await self._fetch(ancestor, _FROM, first, end)).envelopes()
            if first:
                made[:0] = (await self._fetch(ancestor, BETWEEN, min(first - 1, end))).envelopes()
            changes[:0] = (await self._fetch(ancestor, CHANGES, end)).envelopes()
            if first > 1:
                before.insert(0, (ancestor, first))
        chosen = tuple(c.event for c in changes if isinstance(c.event, ev.RolesChanged))
        return Tail(made, tuple(before), chosen)

    async def earlier(self, tail: Tail) -> Timeline:
        """Fold the turns before a tail, off the event loop: ten thousand blocks take a second."""
        folding = Fold("")
        for ancestor, first in tail.before:
            last = 0
            while (found := await self._fetch(ancestor, _BELOW, last, first, _ROWS)).rows:
                last = found.rows[-1][0]
                await asyncio.to_thread(_add, folding, found.envelopes())
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


def _write(
    connection: sqlite3.Connection,
    forms: dict[str, int],
    envelopes: Sequence[Envelope],
    blobs: Mapping[str, bytes],
) -> None:
    """Write events and their projections: all statements in one trip to the thread."""
    for envelope in envelopes:
        if isinstance(envelope.event, ev.TimelineOpened):
            _open(connection, envelope, envelope.event)
    rows = [(name, len(data), data) for name, data in blobs.items()]
    connection.executemany("INSERT OR IGNORE INTO blobs (sha256, bytes, data) VALUES (?, ?, ?)", rows)
    RowWriter(connection, forms).add(envelopes)
    for envelope in envelopes:
        for sql, values in projections.rows(envelope, _day(connection, envelope)):
            connection.execute(sql, values)
    latest = {envelope.timeline: envelope.at for envelope in envelopes}
    for timeline, at in latest.items():
        connection.execute("UPDATE timelines SET updated_at = ? WHERE id = ?", (at, timeline))


def _write_ledger(connection: sqlite3.Connection, envelopes: Sequence[Envelope], run: str) -> None:
    for envelope in envelopes:
        for sql, values in projections.ledger(envelope, _day(connection, envelope), run):
            connection.execute(sql, values)


def _day(connection: sqlite3.Connection, envelope: Envelope) -> days.Day:
    """Return the ledger's day; it is looked up only if an attempt begins."""
    if isinstance(envelope.event, ev.AttemptStarted):
        return days.day_within(connection, envelope.at)
    return days.NONE


def _open(connection: sqlite3.Connection, envelope: Envelope, opened: ev.TimelineOpened) -> None:
    fork = opened.forked_from
    place = (fork.timeline, fork.seq, fork.turn) if fork else (None, 0, 0)
    connection.execute(
        "INSERT INTO timelines (id, opened_at, forked_from, fork_seq, fork_turn) VALUES (?, ?, ?, ?, ?)",
        (envelope.timeline, envelope.at, *place),
    )


def _add(folding: Fold, made: Iterable[Envelope]) -> None:
    for envelope in made:
        folding.add(envelope)
