"""Recognises ralph's databases: by their application id, and older ones by their tables."""

from __future__ import annotations

from pathlib import Path

import aiosqlite

from ralph.core.errors import StoreFailure

# "RLPH", in the header of the file (https://sqlite.org/pragma.html#pragma_application_id).
APPLICATION_ID = 0x524C5048
_LOG = {"timeline", "seq", "turn", "at", "ms", "type", "v", "data"}


async def number(connection: aiosqlite.Connection, pragma: str) -> int:
    """Return the value of a numeric pragma."""
    async with connection.execute(f"PRAGMA {pragma}") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def check(connection: aiosqlite.Connection, path: Path) -> None:
    """Raise `StoreFailure` for a database of another program. Reads only."""
    identity = await number(connection, "application_id")
    if identity == APPLICATION_ID:
        return
    if identity == 0:
        tables = list(await connection.execute_fetchall("SELECT name FROM sqlite_master"))
        if not tables:
            return  # a new, empty file
        columns = {row[1] for row in await connection.execute_fetchall("PRAGMA table_info(events)")}
        if columns >= _LOG:
            return  # a version of ralph that set no id
    raise StoreFailure(
        f"{path} is the database of another program and was left as it is; move it away, or set RALPH_DATA_DIR"
    )
