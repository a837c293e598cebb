"""Opens the database file: creates it, recognises it and updates it; or only reads it if it cannot be written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import Thread

import aiosqlite

from ralph.config.private import make_folder, open_file, tighten
from ralph.core.errors import StoreFailure
from ralph.store.locks import Lock, Locks
from ralph.store.sqlite import identity
from ralph.store.sqlite.database import Database, copy, in_thread
from ralph.store.sqlite.sentences import BUSY_MS, FULL_S, translate_errors

THREAD_S = 2.0


def _move_rows(connection: sqlite3.Connection) -> None:
    from ralph.store.sqlite.rows.moving import move  # late: most starts migrate nothing

    move(connection)


# What SQL alone cannot do: it runs after the statements of the step, in their transaction.
MOVES: Mapping[int, Callable[[sqlite3.Connection], None]] = {9: _move_rows}


async def connect(path: Path) -> Database:
    """Return an open, up-to-date database, which may be new or read-only. Raises `StoreFailure`."""
    if why := _unwritable(path):
        return await _open_read_only(path, why)
    try:
        with translate_errors(path):
            return await _writable(path)
    except StoreFailure as refused:
        if refused.worth_s == FULL_S and _is_file(path):  # no disk space even to open the database
            with contextlib.suppress(StoreFailure):
                return await _open_read_only(path, refused.message)
        raise


def _unwritable(path: Path) -> str:
    """Return why an existing file cannot be written; empty if it can, or if it does not exist."""
    try:
        if not path.is_file():
            return ""
    except OSError:
        return ""
    if not os.access(path, os.R_OK):
        raise StoreFailure(f"{path} could not be opened: permission denied; check its permissions")
    closed = [p for p in (path, path.parent) if not os.access(p, os.W_OK)]
    if not closed:
        return ""
    return f"{path} can only be read ({closed[0]} is not writable); check its permissions, or set RALPH_DATA_DIR"


async def _writable(path: Path) -> Database:
    lock = await _make_file(path)
    try:
        wal = path.with_name(f"{path.name}-wal")
        if lock is None and wal.exists():  # closing a writable connection would write its WAL into the file
            await _look(path)
        connection = await _open_connection(path)
        try:
            await identity.check(connection, path)
            # Data that an update leaves behind is overwritten too: a later deletion would not find it.
            await connection.executescript(
                f"PRAGMA busy_timeout={BUSY_MS}; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
            )
            told = await _migrate(connection, path, lock)
        except BaseException:
            await connection.close()
            raise
    finally:
        if lock:
            lock.release()
    return Database(connection, path, told=told)


async def _look(path: Path) -> None:
    """Check whose file it is, over a read-only connection."""
    connection = await _open_connection(path, "mode=ro")
    try:
        await connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        await identity.check(connection, path)
    except sqlite3.OperationalError:
        return  # the writable connection checks again
    finally:
        await connection.close()


async def _open_connection(path: Path, how: str = "") -> aiosqlite.Connection:
    """Return a connection. If it cannot be opened, its thread has ended before the exception is raised.

    aiosqlite does not wait for that thread, which then finds the event loop closed and prints a traceback.
    """
    target = f"{_uri(path)}?{how}" if how else path
    connection = aiosqlite.connect(target, isolation_level=None, uri=bool(how))
    thread: Thread = connection._thread
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(thread.join, THREAD_S)
        raise


async def _make_file(path: Path) -> Lock | None:
    """Create a new file and return the lock under which the caller must fill it; None if the file existed."""
    with _making(path):
        make_folder(path.parent)
    if _exists(path):
        for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            tighten(one)
        return None
    lock = await _migrating(path)
    try:
        with _making(path):
            _make_private(path)
    except BaseException:
        if lock:
            lock.release()
        raise
    return lock


@contextlib.contextmanager
def _making(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailure(
            f"{path} could not be made: {error.strerror}; check the directory, or set RALPH_DATA_DIR"
        ) from error


def _make_private(path: Path) -> None:
    """Create a new file that only its owner can read.

    An existing file is never opened here: closing any descriptor of a database drops all POSIX locks of this process
    on it, and another of its connections would then read torn pages (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        if not path.exists():
            raise StoreFailure(f"{path} could not be made: a file is in its way; set RALPH_DATA_DIR") from None


def _is_file(path: Path) -> bool:
    return path.is_file()


def _exists(path: Path) -> bool:
    return path.exists()


def _uri(path: Path) -> str:
    return path.absolute().as_uri()


async def _migrating(path: Path) -> Lock | None:
    """Hold the migration lock: of two processes that start on a new file, one migrates and the other checks again."""
    return await asyncio.to_thread(Locks(path.parent / "locks").take, "migration", wait=True)


def migrations() -> list[tuple[int, str]]:
    """Return the number and SQL of each step, in order. Released steps are never changed, only added."""
    files = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
    return [(int(f.name[:4]), f.read_text(encoding="utf-8")) for f in files]


async def _migrate(connection: aiosqlite.Connection, path: Path, held: Lock | None) -> tuple[str, ...]:
    """Bring the database up to date; return notices for the person."""
    latest = migrations()[-1][0]
    if await identity.number(connection, "user_version") == latest:
        if not await identity.number(connection, "application_id"):
            await connection.execute(f"PRAGMA application_id={identity.APPLICATION_ID}")
        return ()
    lock = held or await _migrating(path)
    try:
        # Only under the lock: the switch to WAL does not wait for others but fails.
        await connection.execute("PRAGMA journal_mode=WAL")
        now = await identity.number(connection, "user_version")
        if now > latest:
            raise StoreFailure(f"{path} was written by a newer ralph (schema {now}); update ralph to read it")
        await _step(connection, path, now)
        if 0 < now < max(MOVES):  # the rows of before leave most of the file empty
            with contextlib.suppress(sqlite3.OperationalError):  # another process reads, or the disk is full
                await connection.execute("VACUUM")
    finally:
        if lock and lock is not held:
            lock.release()
    return () if now or held else (f"{path} was empty; a new database was made in it",)


async def _step(connection: aiosqlite.Connection, path: Path | None, now: int) -> None:
    """Run all steps after `now`, each in one transaction; with a `path`, put a copy beside the database first."""
    for number, sql in migrations():
        if number > now:
            if now and path:
                await copy(connection, path.with_suffix(f".before-{number}.db"))
            marks = f"PRAGMA user_version={number}; PRAGMA application_id={identity.APPLICATION_ID};"
            await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\n{marks}")
            if move := MOVES.get(number):
                await in_thread(connection, move)
            await connection.execute("COMMIT")


async def _open_read_only(path: Path, why: str) -> Database:
    """Return a read-only database that includes the data in its WAL. Raises `StoreFailure`."""
    with translate_errors(path):
        for open_it in (partial(_open_connection, path, "mode=ro"), partial(_still, path)):
            with contextlib.suppress(sqlite3.OperationalError):
                connection = await open_it()
                if await _up_to_date(connection, path):
                    return Database(connection, path, read_only=why, told=(why,))
        connection, closed = await _snapshot(path)
        return Database(connection, path, read_only=why, told=(why,), closed=closed)


async def _still(path: Path) -> aiosqlite.Connection:
    """Open without the extra files of WAL mode; not possible while a WAL holds events."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        raise sqlite3.OperationalError("a WAL is beside it")
    return await _open_connection(path, "immutable=1")


async def _up_to_date(connection: aiosqlite.Connection, path: Path) -> bool:
    """Return whether the database can be read as it is; if not, close the connection."""
    try:
        await identity.check(connection, path)
        now, latest = await identity.number(connection, "user_version"), migrations()[-1][0]
        if now > latest:
            raise StoreFailure(f"{path} was written by a newer ralph (schema {now}); update ralph to read it")
    except BaseException:
        await connection.close()
        raise
    if now < latest:
        await connection.close()
    return now == latest


async def _snapshot(path: Path) -> tuple[aiosqlite.Connection, Callable[[], None]]:
    """Return an updated copy in a private folder, with its WAL, and a function that removes the copy."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="ralph-")
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    try:
        for beside in (path, path.with_name(f"{path.name}-wal")):
            if beside.exists():
                await asyncio.to_thread(shutil.copyfile, beside, Path(folder) / beside.name)
        connection = await _open_connection(Path(folder) / path.name)
        try:
            await identity.check(connection, path)
            await _step(connection, None, await identity.number(connection, "user_version"))
        except BaseException:
            await connection.close()
            raise
    except BaseException:
        remove()
        raise
    return connection, remove
