"""An open database: its queries, its transactions, its copies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiosqlite

from ralph.core.errors import StoreFailure
from ralph.store.sqlite.sentences import BUSY_MS, translate_errors
from ralph.store.whole_file import replacing

log = logging.getLogger("ralph.store")

# All other work of this process waits meanwhile.
ANEW_MS = 1_000


class Database:
    """An open connection. One transaction at a time: tasks of one process wait for each other here.

    `read_only` says why nothing can be written; it is empty where that is not so. `told` is what a person should know
    of how it was opened.
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
        """All rows. Raises `StoreFailure`."""
        with translate_errors(self.path):
            async with self._connection.execute(sql, values) as cursor:
                return list(await cursor.fetchall())

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """All that is done inside, or nothing of it. Raises `StoreFailure`."""
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

    async def write(self, sql: str, *values: Any) -> None:
        """One statement that is its own transaction. Raises `StoreFailure`."""
        self._must_be_writable()
        async with self._writing:
            with translate_errors(self.path):
                await self._connection.execute(sql, values)
        self._must_be_there()

    async def write_anew(self) -> None:
        """Write the whole file anew, without what was deleted, and empty the WAL.

        Raises `StoreFailure`, also where another process reads, and so keeps the WAL.
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
        """SQLite goes on writing to a file that has no name any more, and tells nobody."""
        if self._file and _identity(self.path) != self._file:
            raise StoreFailure(
                f"{self.path} was removed or replaced while ralph was running; what was written since is not kept"
            )

    async def backup(self, target: Path) -> None:
        """A whole copy as it stands, also while others write. Raises `StoreFailure`."""
        if _identity(target) and _identity(target) == self._file:
            raise StoreFailure(f"{target} is the database itself; name another file for its copy")
        await copy(self._connection, target)

    async def close(self) -> None:
        try:
            await self._connection.close()
        except sqlite3.Error as error:  # all was committed; what is left is tidying
            log.warning("%s was not closed well: %s", self.path, error)
        finally:
            self._closed()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def copy(connection: aiosqlite.Connection, target: Path) -> None:
    """The database in a file of mode 0600, which is whole or not there. Raises `StoreFailure`."""
    with translate_errors(target), replacing(target) as made:
        async with aiosqlite.connect(made) as other:
            await connection.backup(other)
            # Without this a copy would begin with a WAL of its own beside it, under a name that is about to change.
            await other.execute("PRAGMA journal_mode=DELETE")
