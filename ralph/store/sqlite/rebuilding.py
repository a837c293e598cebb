"""Rebuilds what is derived from events: missing tables, indexes and triggers, and the rows of every projection."""

from __future__ import annotations

from collections.abc import Callable

import aiosqlite

from ralph.core.ports.store import Rebuilt
from ralph.store.sqlite import days, projections, sums
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.harm import own_harm
from ralph.store.sqlite.log import Log
from ralph.store.sqlite.schema import repair

_STRAYS = "DELETE FROM {} WHERE timeline NOT IN (SELECT id FROM timelines)"
_KNOWN = "SELECT 1 FROM timelines WHERE id = ?"


async def rebuild(database: Database, log: Log, progress: Callable[[str], None]) -> Rebuilt:
    """Rebuild each timeline in its own transaction, so that no running turn waits for all of them.

    A timeline that is open writes its own rows and is not touched. Ledger rows are updated and never removed: they may
    be all that is left of a damaged event. A timeline with damaged rows keeps its projections, which may still hold
    what the log has lost. The sums of the ledger come last, and only where they differ.
    """
    made = await repair(database)
    async with database.transaction() as connection:
        # The index comes first: removing a block from an incomplete index would fail.
        await connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
        for table in ("turns", "blob_refs"):
            await connection.execute(_STRAYS.format(table))
        await connection.execute("DELETE FROM block_rows WHERE timeline NOT IN (SELECT number FROM timelines)")
    done, harmed = 0, list[str]()
    for (name,) in await database.query("SELECT id FROM timelines ORDER BY opened_at, id"):
        progress(name)
        found = await own_harm(log, name)
        harmed += found
        done += await _remake(database, log, name, careful=bool(found))
    if await sums.differ(database):
        progress("usage")
        async with database.transaction() as connection:
            await sums.remake(connection)
        made.append("sums of the ledger")
    return Rebuilt(done, tuple(made), tuple(harmed))


async def _remake(database: Database, log: Log, name: str, *, careful: bool) -> bool:
    async with database.transaction() as connection:
        # Read inside the transaction: earlier events are seen, later ones wait.
        if not await connection.execute_fetchall(_KNOWN, (name,)):
            return False  # another process deleted the timeline
        if careful and await connection.execute_fetchall("SELECT 1 FROM turns WHERE timeline = ? LIMIT 1", (name,)):
            await _refer_again(connection, log, name)
            return False
        # References stay if an event that names a blob may be lost.
        for table in ("blocks", "turns") if careful else ("blocks", "turns", "blob_refs"):
            await connection.execute(f"DELETE FROM {table} WHERE timeline = ?", (name,))
        await _tell_again(connection, log, name)
    return True


async def _tell_again(connection: aiosqlite.Connection, log: Log, name: str) -> None:
    for envelope in await log.own(name):
        for sql, values in projections.rows(envelope, days.local(envelope.at)):
            await connection.execute(sql, values)


async def _refer_again(connection: aiosqlite.Connection, log: Log, name: str) -> None:
    """Add references to the blobs that readable events name; never remove one."""
    for envelope in await log.own(name):
        for sql, values in projections.references(envelope):
            await connection.execute(sql, values)
