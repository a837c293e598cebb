"""Whose file it is: ralph's databases carry an application id; older ones are known by their tables."""

from __future__ import annotations

from pathlib import Path

import aiosqlite

from ralph.core.errors import StoreFailure

# "RLPH", in the header of the file (https://sqlite.org/pragma.html#pragma_application_id).
APPLICATION_ID = 0x524C5048
_LOG = {"timeline", "seq", "turn", "at", "ms", "type", "v", "data"}


async def number(connection: aiosqlite.Connection, pragma: str) -> int:
    """The value of a pragma that is a number."""
    async with connection.execute(f"PRAGMA {pragma}") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def check(connection: aiosqlite.Connection, path: Path) -> None:
    """Raises `StoreFailure` for a database of another program. Reads only."""
    identity = await number(connection, "application_id")
    if identity == APPLICATION_ID:
        return
    if identity == 0:
        tables = list(await connection.execute_fetchall("SELECT name FROM sqlite_master"))
        if not tables:
            return  # nobody's yet
        columns = {row[1] for row in await connection.execute_fetchall("PRAGMA table_info(events)")}
        if columns >= _LOG:
            return  # of a version that set no id
    raise StoreFailure(
        f"{path} is the database of another program and was left as it is; move it away, or set RALPH_DATA_DIR"
    )
