"""The database file: opening it, its settings, its migrations, and a backup before each of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Thread
from typing import Any

import aiosqlite

from ralph.config.private import make_folder, open_file, tighten
from ralph.core.errors import StoreFailure
from ralph.store.locks import Locks

BUSY_MS = 10_000
THREAD_S = 2.0


@contextlib.asynccontextmanager
async def translated(path: Path) -> AsyncIterator[None]:
    """The border to SQLite: its errors become sentences."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreFailure(_sentence(path, error)) from error


def _sentence(path: Path, error: sqlite3.DatabaseError) -> str:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return f"{path} is damaged or is no ralph database ({text}); move it away, or restore the backup beside it"
    if "full" in text:
        return f"{path} could not be written: the disk is full"
    if "readonly" in text or "unable to open" in text:
        return f"{path} could not be opened for writing ({text}); check its permissions, or set RALPH_DATA_DIR"
    if "locked" in text:
        return f"{path} stayed locked by another program for {BUSY_MS // 1000} s"
    return f"{path}: {text}"


class Database:
    """An open connection. One transaction at a time: tasks of one process wait for each other here."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._writing = asyncio.Lock()

    async def query(self, sql: str, *values: Any) -> list[Any]:
        """All rows. Raises `StoreFailure`."""
        async with translated(self.path), self._connection.execute(sql, values) as cursor:
            return list(await cursor.fetchall())

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """All that is done inside, or nothing of it."""
        async with self._writing, translated(self.path):
            await self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                await self._connection.execute("COMMIT")
            except BaseException:
                await self._connection.rollback()
                raise

    async def write(self, sql: str, *values: Any) -> None:
        """One statement that is its own transaction. Raises `StoreFailure`."""
        async with self._writing, translated(self.path):
            await self._connection.execute(sql, values)

    async def backup(self, target: Path) -> None:
        """A whole copy as it stands, also while others write."""
        async with translated(target):
            await _copy(self._connection, target)

    async def close(self) -> None:
        await self._connection.close()


async def connect(path: Path) -> Database:
    """An open, up-to-date database, made if need be. Raises `StoreFailure`."""
    async with translated(path):
        _make_private(path)
        connection = await _opened(path)
        try:
            await connection.executescript(f"PRAGMA busy_timeout={BUSY_MS}; PRAGMA synchronous=NORMAL;")
            await _migrate(connection, path)
        except BaseException:
            await connection.close()
            raise
        return Database(connection, path)


async def _opened(path: Path) -> aiosqlite.Connection:
    """A connection. Where it cannot be had, its thread has ended before that is told.

    aiosqlite does not wait for that thread, which then finds the event loop closed and prints a traceback.
    """
    connection = aiosqlite.connect(path, isolation_level=None)
    thread: Thread = connection._thread
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(thread.join, THREAD_S)
        raise


def _make_private(path: Path) -> None:
    """Make a new file, readable by its owner only.

    An existing one is never opened here: closing any descriptor of a database drops all POSIX locks that this process
    has on it, and another of its connections would then read torn pages (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        make_folder(path.parent)
        os.close(open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        if path.exists():
            for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                tighten(one)
            return
        raise StoreFailure(f"{path} could not be made: a file is in its way; set RALPH_DATA_DIR") from None
    except OSError as error:
        raise StoreFailure(
            f"{path} could not be made: {error.strerror}; check the directory, or set RALPH_DATA_DIR"
        ) from error


def _make_anew(path: Path) -> None:
    path.unlink(missing_ok=True)
    _make_private(path)


def migrations() -> list[tuple[int, str]]:
    """Number and SQL of each step, in order. Steps are never changed once released, only added."""
    files = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
    return [(int(f.name[:4]), f.read_text(encoding="utf-8")) for f in files]


async def version(connection: aiosqlite.Connection) -> int:
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _migrate(connection: aiosqlite.Connection, path: Path) -> None:
    steps = migrations()
    if await version(connection) == steps[-1][0]:
        return
    # Two processes may start on a new file at once: only one may step, the other looks again after it.
    lock = await asyncio.to_thread(Locks(path.parent / "locks").take, "migration", wait=True)
    try:
        # Only here, under the lock: the change to WAL does not wait for others, it fails.
        await connection.execute("PRAGMA journal_mode=WAL")
        now = await version(connection)
        if now > steps[-1][0]:
            raise StoreFailure(f"{path} was written by a newer ralph (schema {now}); update ralph to read it")
        for number, sql in steps:
            if number > now:
                if now:
                    await _copy(connection, path.with_suffix(f".before-{number}.db"))
                await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version={number};\nCOMMIT;")
    finally:
        if lock:
            lock.release()


async def _copy(connection: aiosqlite.Connection, target: Path) -> None:
    """The database in a file of mode 0600."""
    _make_anew(target)
    async with aiosqlite.connect(target) as copy:
        await connection.backup(copy)
