"""Remaking what is made from events: tables, indexes and triggers that are gone, and the rows of every projection."""

from __future__ import annotations

from collections.abc import Callable

import aiosqlite

from ralph.core.ports.store import Rebuilt
from ralph.store.sqlite import days, projections
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.harm import own_harm
from ralph.store.sqlite.log import Log
from ralph.store.sqlite.schema import repair

_STRAYS = "DELETE FROM {} WHERE timeline NOT IN (SELECT id FROM timelines)"
_KNOWN = "SELECT 1 FROM timelines WHERE id = ?"


async def rebuild(database: Database, log: Log, progress: Callable[[str], None]) -> Rebuilt:
    """Each timeline in a transaction of its own, so that no turn that runs meanwhile waits for all of them.

    A timeline that is opened meanwhile writes its own rows and is not touched. Rows of the ledger are told again over
    what is there, and never removed: of a damaged event they may be all that is left. A timeline with damaged rows
    keeps its projections as far as it has them: they may still hold what the log has lost.
    """
    made = await repair(database)
    async with database.transaction() as connection:
        # The index first: to remove a block from one that is not whole would fail.
        await connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
        for table in ("blocks", "turns", "blob_refs"):
            await connection.execute(_STRAYS.format(table))
    done, harmed = 0, list[str]()
    for (name,) in await database.query("SELECT id FROM timelines ORDER BY opened_at, id"):
        progress(name)
        found = await own_harm(log, name)
        harmed += found
        done += await _remake(database, log, name, careful=bool(found))
    return Rebuilt(done, tuple(made), tuple(harmed))


async def _remake(database: Database, log: Log, name: str, *, careful: bool) -> bool:
    async with database.transaction() as connection:
        # Read inside: what is appended before is seen, what comes after waits.
        if not await connection.execute_fetchall(_KNOWN, (name,)):
            return False  # deleted meanwhile
        if careful and await connection.execute_fetchall("SELECT 1 FROM turns WHERE timeline = ? LIMIT 1", (name,)):
            await _refer_again(connection, log, name)
            return False
        # References stay where an event that names a blob may be lost.
        for table in ("blocks", "turns") if careful else ("blocks", "turns", "blob_refs"):
            await connection.execute(f"DELETE FROM {table} WHERE timeline = ?", (name,))
        await _tell_again(connection, log, name)
    return True


async def _tell_again(connection: aiosqlite.Connection, log: Log, name: str) -> None:
    for envelope in await log.own(name):
        for sql, values in projections.rows(envelope, days.local(envelope.at)):
            await connection.execute(sql, values)


async def _refer_again(connection: aiosqlite.Connection, log: Log, name: str) -> None:
    """To the blobs that its readable events name; never fewer than before."""
    for envelope in await log.own(name):
        for sql, values in projections.references(envelope):
            await connection.execute(sql, values)
