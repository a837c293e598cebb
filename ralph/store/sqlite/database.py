"""An open database: its queries, transactions and copies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from ralph.core.errors import StoreFailure
from ralph.store.sqlite.sentences import BUSY_MS, translate_errors
from ralph.store.whole_file import replacing

log = logging.getLogger("ralph.store")

T = TypeVar("T")

# The lock wait of `write_anew` in milliseconds: all other work of this process waits for it.
ANEW_MS = 1_000
# Rows of one batch: each batch is a trip to the connection's thread and back.
BATCH = 4096


class Database:
    """An open connection. It runs one transaction at a time, and other tasks of the process wait.

    `read_only` is the reason why nothing can be written, or empty. `told` holds notices for the person about the
    opening.
    """

    def __init__(
        self,
        connection: aiosqlite.Connection,
        path: Path,
        *,
        read_only: str = "",
        told: tuple[str, ...] = (),
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self.told = told
        self._connection = connection
        self._writing = asyncio.Lock()
        self._closed = closed
        self._file = _identity(path)

    async def query(self, sql: str, *values: Any) -> list[Any]:
        """Return all rows. Raises `StoreFailure`."""
        with translate_errors(self.path):
            async with self._connection.execute(sql, values) as cursor:
                return list(await cursor.fetchall())

    async def batches(self, sql: str, *values: Any) -> AsyncGenerator[list[Any], None]:
        """Yield the rows in batches, so that a long result needs no memory of its own. Raises `StoreFailure`."""
        with translate_errors(self.path):
            async with self._connection.execute(sql, values) as cursor:
                while rows := await cursor.fetchmany(BATCH):
                    yield list(rows)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` reads: all its statements see the same moment. Raises `StoreFailure`."""
        with translate_errors(self.path):
            return await in_thread(self._connection, lambda db: _at_one_moment(db, work))

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Commit all statements inside the block, or none of them. Raises `StoreFailure`."""
        self._must_be_writable()
        async with self._writing:
            with translate_errors(self.path):
                await self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    await self._connection.execute("COMMIT")
                except BaseException:
                    await self._connection.rollback()
                    raise
        self._must_be_there()

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` as one transaction, in one trip to the connection's thread. Raises `StoreFailure`."""
        self._must_be_writable()
        async with self._writing:
            with translate_errors(self.path):
                made = await in_thread(self._connection, lambda db: _whole(db, work))
        self._must_be_there()
        return made

    async def write(self, sql: str, *values: Any) -> None:
        """Run one statement as its own transaction. Raises `StoreFailure`."""
        self._must_be_writable()
        async with self._writing:
            with translate_errors(self.path):
                await self._connection.execute(sql, values)
        self._must_be_there()

    async def write_anew(self) -> None:
        """Rewrite the whole file without deleted data, and empty the WAL.

        Raises `StoreFailure`, also if another process reads and so keeps the WAL.
        """
        self._must_be_writable()
        async with self._writing:
            with translate_errors(self.path):
                await self._connection.execute_fetchall(f"PRAGMA busy_timeout={ANEW_MS}")
                try:
                    await self._connection.execute("VACUUM")
                    rows = await self._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    await self._connection.execute_fetchall(f"PRAGMA busy_timeout={BUSY_MS}")
        if any(busy for busy, *_ in rows):
            raise StoreFailure(f"another program reads {self.path}")

    def _must_be_writable(self) -> None:
        if self.read_only:
            raise StoreFailure(self.read_only)

    def _must_be_there(self) -> None:
        """Check that the file still exists: SQLite silently continues to write to a file without a name."""
        if self._file and _identity(self.path) != self._file:
            raise StoreFailure(
                f"{self.path} was removed or replaced while ralph was running; what was written since is not kept"
            )

    async def backup(self, target: Path) -> None:
        """Write a complete copy to `target`, also while others write. Raises `StoreFailure`."""
        if _identity(target) and _identity(target) == self._file:
            raise StoreFailure(f"{target} is the database itself; name another file for its copy")
        await copy(self._connection, target)

    async def close(self) -> None:
        try:
            await self._connection.close()
        except sqlite3.Error as error:  # everything was committed; only cleanup is left
            log.warning("%s was not closed well: %s", self.path, error)
        finally:
            self._closed()


async def in_thread(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` with the plain connection, on the thread of the connection: many statements, one trip there."""
    made: T = await connection._execute(work, connection._conn)  # type: ignore[no-untyped-call]
    return made


def _whole(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        made = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return made


def _at_one_moment(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    if connection.in_transaction:  # of this process, which waits for this thread
        return work(connection)
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("COMMIT")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def copy(connection: aiosqlite.Connection, target: Path) -> None:
    """Copy the database to a file of mode 0600, completely or not at all. Raises `StoreFailure`."""
    with translate_errors(target), replacing(target) as made:
        async with aiosqlite.connect(made) as other:
            await connection.backup(other)
            # Otherwise the copy would start with its own WAL, under a file name that is about to change.
            await other.execute("PRAGMA journal_mode=DELETE")
