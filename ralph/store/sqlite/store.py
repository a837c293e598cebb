"""One open SQLite database with its log, lists and locks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ralph.core.clock import Clock
from ralph.core.errors import Failure, Kind, OpenElsewhere, StoreFailure
from ralph.core.masking import Secrets
from ralph.core.ports.store import Rebuilt
from ralph.pricing import Prices
from ralph.store.locks import Free, Lock, Locks
from ralph.store.prompts import Prompts
from ralph.store.sqlite.catalog import Catalog
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.harm import find_harm
from ralph.store.sqlite.log import Log
from ralph.store.sqlite.opening import connect
from ralph.store.sqlite.price_memory import PriceRows
from ralph.store.sqlite.reservations import Reservations
from ralph.store.sqlite.schema import find_missing

if TYPE_CHECKING:
    from ralph.store.sqlite.answer_cache import StoredAnswers
    from ralph.store.sqlite.mcp_memory import StoredMcp
    from ralph.store.sqlite.model_speed import ModelSpeeds
    from ralph.store.sqlite.usage_report import UsageReports

# A reservation whose attempt never began sent nothing, so its amount becomes free again.
_FREE = "UPDATE attempts SET reserved = NULL WHERE timeline = ? AND run = ? AND attempt = ? AND outcome IS NULL"
_SETTLE = """
UPDATE attempts SET outcome = 'interrupted', error_kind = 'interrupted', usage_source = 'estimated',
    input = estimated, cost_status = 'unknown', nano_usd = reserved, reserved = NULL
WHERE timeline = ? AND run = ? AND attempt = ? AND outcome IS NULL"""


class SqliteStore:
    """The store. Open it with `SqliteStore.open` and always `await close()`: its thread keeps the process alive."""

    def __init__(self, database: Database, clock: Clock, secrets: Secrets | None = None) -> None:
        self.path = database.path
        self.locks = Locks(self.path.parent / "locks")
        self.log = Log(database, secrets)
        self.catalog = Catalog(database, self.locks)
        self.budgets = Reservations(database)
        self.prices = PriceRows(database)
        self.prompts = Prompts(self.path.with_name("prompts.jsonl"))
        self._db = database
        self._clock = clock
        self._told: list[str] = []
        self.unreached: tuple[str, ...] = ()  # sentences: where text of the last deletion may remain

    @classmethod
    async def open(cls, path: Path, clock: Clock, secrets: Secrets | None = None) -> SqliteStore:
        """Open or create the database. `secrets` are never written into it. Raises `StoreFailure`."""
        return cls(await connect(path), clock, secrets)

    async def close(self) -> None:
        await self._db.close()

    # The readers that no start needs are loaded when they are first used.

    @cached_property
    def usage(self) -> UsageReports:
        from ralph.store.sqlite.usage_report import UsageReports

        return UsageReports(self._db)

    @cached_property
    def speeds(self) -> ModelSpeeds:
        from ralph.store.sqlite.model_speed import ModelSpeeds

        return ModelSpeeds(self._db)

    @cached_property
    def mcp(self) -> StoredMcp:
        from ralph.store.sqlite.mcp_memory import StoredMcp

        return StoredMcp(self._db)

    @cached_property
    def answers(self) -> StoredAnswers:
        from ralph.store.sqlite.answer_cache import StoredAnswers

        return StoredAnswers(self._db, self._clock)

    @property
    def read_only(self) -> str:
        """Return why nothing can be written; empty if writing works."""
        return self._db.read_only

    @property
    def notices(self) -> tuple[str, ...]:
        """Return notices for the person about the opening, and about open work that could not be closed."""
        return (*self._db.told, *self._told)

    def lock(self, timeline: str) -> Lock | Free:
        """Return the right to write this timeline. Raises `OpenElsewhere` while another process has it."""
        if self.read_only:
            return Free()
        lock = self.locks.take(timeline)
        if lock is None:
            raise OpenElsewhere(timeline)
        return lock

    def is_held(self, timeline: str) -> bool:
        """Return whether a process writes this timeline."""
        return self.locks.is_held(timeline)

    async def recover(self, prices: Prices) -> list[str]:
        """Close what dead processes left open, and leave running ones alone. Return the closed timelines."""
        closed: list[str] = []
        if self.read_only:
            return closed
        try:
            for timeline in await self.catalog.list_unfinished():
                if await self._close(timeline, prices):
                    closed.append(timeline)
            await self._settle()
        except StoreFailure as failure:  # reading works without it, and the next start tries again
            self._told.append(f"the turns that a killed ralph left open could not be closed: {failure.message}")
        return closed

    async def _close(self, timeline: str, prices: Prices) -> bool:
        from ralph.store import recovery  # late: most starts have nothing to close

        lock = self.locks.take(timeline)
        if lock is None:
            return False
        try:
            missing = recovery.closing(timeline, await self.log.events(timeline), prices, self._clock)
            if missing:
                await self.log.append(missing)
            return bool(missing)
        finally:
            lock.release()

    async def _settle(self) -> None:
        """Settle rows of dead processes without a finish event: each counts as having used its reservation."""
        for timeline, run, attempt, began in await self.catalog.list_unsettled():
            lock = self.locks.take(timeline)
            if lock is None:
                continue
            try:
                await self._db.write(_SETTLE if began else _FREE, timeline, run, attempt)
            finally:
                lock.release()

    async def remove(self, timeline: str, *, with_forks: bool = False) -> list[str]:
        """Remove whole timelines; their ledger rows stay. Raises `Failure` if forks depend on the timeline.

        With forks, removes all or none. Returns the removed timelines, forks first; `unreached` says where deleted
        text may remain.
        """
        from ralph.store.sqlite import deletion  # late: a start deletes nothing

        forks = await self.catalog.forks_of(timeline)
        if forks and not with_forks:
            raise Failure(
                Kind.USAGE, f"timeline {timeline} has forks ({', '.join(forks)}); delete them too with --with-forks"
            )
        names = [*await self._forks_below(timeline), timeline]
        with contextlib.ExitStack() as held:
            for name in names:
                held.callback(self.lock(name).release)
            left = await deletion.delete(self._db, self.prompts, names)
        self.unreached = (left,) if left else ()
        if copies := ", ".join(map(str, deletion.copies(self.path))):
            self.unreached += (f"these copies may still contain it; delete them by hand: {copies}",)
        return names

    async def _forks_below(self, timeline: str) -> list[str]:
        """Return every fork below this timeline. A fork stands after the forks that hang on it."""
        found: list[str] = []
        for fork in await self.catalog.forks_of(timeline):
            found += [*await self._forks_below(fork), fork]
        return found

    async def rebuild(self, progress: Callable[[str], None] = lambda _: None) -> Rebuilt:
        """Rebuild what is derived from events; no ledger row is removed. Raises `StoreFailure`."""
        from ralph.store.sqlite import rebuilding  # late: a start rebuilds nothing

        return await rebuilding.rebuild(self._db, self.log, progress)

    async def damage(self) -> str:
        """Return the findings of SQLite's own check; empty if there are none."""
        rows = await self._db.query("PRAGMA integrity_check(3)")
        return "" if rows and rows[0][0] == "ok" else "; ".join(str(r[0]).replace("\n", " ") for r in rows)

    async def missing(self) -> list[str]:
        """Return missing tables, indexes and triggers."""
        return [f"{kind} {name}" for kind, name in await find_missing(self._db)]

    async def harm(self) -> list[str]:
        """Return unreadable rows of the log and missing numbers in it, as sentences."""
        return await find_harm(self._db)

    async def backup(self, target: Path) -> None:
        """Write a complete copy with mode 0600, also while others write."""
        await self._db.backup(target)

    async def vacuum(self) -> None:
        """Free the disk space of deleted data."""
        await self._db.write_anew()
