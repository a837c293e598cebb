"""The parts of a database of this version: how to find missing parts, and how to create them again."""

from __future__ import annotations

import contextlib
import sqlite3

import aiosqlite

from ralph.core.errors import StoreFailure
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.opening import MOVES, migrations

# These tables cannot be rebuilt.
_EVENTS = ("event_rows", "event_texts", "event_forms", "event_types", "event_deltas", "event_packs")
TRUTH = ("timelines", *_EVENTS, "blobs")
SEARCH = "search"
_OWN = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL"
_ORDER = {"table": 0, "index": 1, "view": 2, "trigger": 3}


def whole() -> dict[tuple[str, str], str]:
    """Return the statement that creates each table, view, index and trigger, in a valid order."""
    with contextlib.closing(sqlite3.connect(":memory:")) as made:
        for number, sql in migrations():
            made.executescript(sql)
            if move := MOVES.get(number):
                move(made)
        rows = made.execute(_OWN).fetchall()
    return {(kind, name): sql for kind, name, sql in sorted(rows, key=lambda row: _ORDER[row[0]])}


async def find_missing(database: Database) -> list[tuple[str, str]]:
    """Return kind and name of each missing part."""
    there = {(row[0], row[1]) for row in await database.query(_OWN)}
    return [key for key in whole() if key not in there]


async def repair(database: Database) -> list[str]:
    """Create missing parts, empty for now; return their names. Raises `StoreFailure` if a table of `TRUTH` is gone."""
    missing = await find_missing(database)
    if gone := [name for kind, name in missing if kind == "table" and name in TRUTH]:
        raise StoreFailure(
            f"{database.path} has lost the table {gone[0]}, which cannot be rebuilt; restore a backup of the file"
        )
    if not missing:
        return []
    parts = whole()
    async with database.transaction() as connection:
        if any(name.startswith(SEARCH) for kind, name in missing if kind == "table"):
            await _forget_search(connection)
            missing = [*missing, ("table", SEARCH)]
        shadows = [key for key in parts if key[0] == "table" and key[1].startswith(f"{SEARCH}_")]
        for key, sql in parts.items():
            if key in missing and key not in shadows:
                await connection.execute(sql)
    return [name for _, name in dict.fromkeys(missing)]


async def _forget_search(connection: aiosqlite.Connection) -> None:
    """Remove the rest of the search index; SQL cannot drop a damaged index, since it cannot open it."""
    with contextlib.suppress(sqlite3.Error):
        await connection.execute(f"DROP TABLE IF EXISTS {SEARCH}")
        return
    await connection.execute("PRAGMA writable_schema=ON")
    await connection.execute("DELETE FROM sqlite_master WHERE name = ? AND type = 'table'", (SEARCH,))
    await connection.execute("PRAGMA writable_schema=RESET")
    left = await connection.execute_fetchall("SELECT name FROM sqlite_master WHERE name GLOB 'search_*'")
    for (name,) in left:
        await connection.execute(f'DROP TABLE "{name}"')
