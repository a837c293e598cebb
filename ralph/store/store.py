"""The store as the floors above use it: one open database with its log, its lists and its locks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from ralph.core.clock import Clock
from ralph.core.errors import Failure, Kind, StoreFailure
from ralph.core.masking import Secrets
from ralph.pricing import Prices
from ralph.store import projections, recovery
from ralph.store.answers import SavedAnswers
from ralph.store.database import Database, connect
from ralph.store.funds import Funds
from ralph.store.locks import Lock, Locks
from ralph.store.log import Log
from ralph.store.paces import Paces
from ralph.store.prompts import Prompts
from ralph.store.reading import Reading
from ralph.store.usage import Ledger

_SETTLE = """
UPDATE attempts SET outcome = 'interrupted', error_kind = 'interrupted', usage_source = 'estimated',
    input = estimated, cost_status = 'unknown', nano_usd = reserved, reserved = NULL
WHERE timeline = ? AND attempt = ? AND outcome IS NULL"""


class Store:
    """Open it with `Store.open`, always `await close()`: its thread keeps the process alive otherwise."""

    def __init__(self, database: Database, clock: Clock, secrets: Secrets | None = None) -> None:
        self.path = database.path
        self.locks = Locks(self.path.parent / "locks")
        self.log = Log(database, secrets)
        self.reading = Reading(database, self.locks)
        self.funds = Funds(database)
        self.ledger = Ledger(database)
        self.paces = Paces(database)
        self.answers = SavedAnswers(database, clock)
        self.prompts = Prompts(self.path.with_name("prompts.jsonl"))
        self._db = database
        self._clock = clock

    @classmethod
    async def open(cls, path: Path, clock: Clock, secrets: Secrets | None = None) -> Store:
        """Open or make the database. `secrets` is never written into it. Raises `StoreFailure`."""
        return cls(await connect(path), clock, secrets)

    async def close(self) -> None:
        await self._db.close()

    def lock(self, timeline: str) -> Lock:
        """The right to write this timeline. Raises `Failure(BUSY)` while another process has it."""
        lock = self.locks.take(timeline)
        if lock is None:
            raise Failure(
                Kind.BUSY, f"timeline {timeline} is running elsewhere; close it there, or `ralph fork {timeline}`"
            )
        return lock

    async def recover(self, prices: Prices) -> list[str]:
        """Close what dead processes left open; what a living one holds is left alone. Returns the closed timelines."""
        closed: list[str] = []
        for timeline in await self.reading.unfinished():
            lock = self.locks.take(timeline)
            if lock is None:
                continue
            try:
                events = await self.log.events(timeline)
                if missing := recovery.closing(timeline, events, prices, self._clock):
                    await self.log.append(missing)
                    closed.append(timeline)
            finally:
                lock.release()
        await self._settle_unsaved()
        return closed

    async def _settle_unsaved(self) -> None:
        """A run that was not saved has only its ledger rows: it is taken to have used what it reserved."""
        for timeline, attempt in await self.reading.unsettled():
            lock = self.locks.take(timeline)
            if lock is None:
                continue
            try:
                async with self._db.transaction() as connection:
                    await connection.execute(_SETTLE, (timeline, attempt))
            finally:
                lock.release()

    async def remove(self, timeline: str, *, with_forks: bool = False) -> list[str]:
        """Remove a whole timeline, never a part; its ledger rows stay. Raises `Failure` where forks hang on it."""
        forks = await self.reading.forks_of(timeline)
        if forks and not with_forks:
            raise Failure(
                Kind.USAGE, f"timeline {timeline} has forks ({', '.join(forks)}); delete them too with --with-forks"
            )
        removed: list[str] = []
        for fork in forks:
            removed += await self.remove(fork, with_forks=True)
        lock = self.lock(timeline)
        try:
            async with self._db.transaction() as connection:
                await connection.execute("DELETE FROM timelines WHERE id = ?", (timeline,))
            await asyncio.to_thread(self.prompts.forget, [timeline])
        except OSError as error:
            raise StoreFailure(f"{timeline} is deleted, but {self.prompts.path} holds what was sent: {error}") from None
        finally:
            lock.release()
        return [*removed, timeline]

    async def rebuild(self, progress: Callable[[str], None] = lambda _: None) -> int:
        """Remake every projection from the events; ledger rows without events are left. Returns the timelines done."""
        rows = await self.reading.timelines(limit=1 << 40)
        async with self._db.transaction() as connection:
            await connection.execute("DELETE FROM blocks")
            await connection.execute("DELETE FROM turns")
            await connection.execute("DELETE FROM attempts WHERE timeline IN (SELECT timeline FROM events)")
            await connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
            for row in rows:
                progress(row.id)
                for envelope in await self.log.events(row.id, deltas=False):
                    if envelope.timeline == row.id:
                        for sql, values in projections.rows(envelope):
                            await connection.execute(sql, values)
        return len(rows)

    async def damage(self) -> str:
        """What SQLite's own check finds wrong; empty if nothing."""
        rows = await self._db.query("PRAGMA quick_check(3)")
        return "" if rows and rows[0][0] == "ok" else "; ".join(str(r[0]) for r in rows)

    async def backup(self, target: Path) -> None:
        """A whole copy, mode 0600, also while others write."""
        await self._db.backup(target)

    async def vacuum(self) -> None:
        """Give back the room of what was deleted."""
        await self._db.write("VACUUM")
