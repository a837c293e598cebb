"""Rows of the log that cannot be read, and numbers that are missing in it, over all timelines."""

from __future__ import annotations

from ralph.core.errors import NotFound, StoreFailure
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.log import Log


async def find_harm(database: Database) -> list[str]:
    """A sentence for each; every row is read."""
    found: list[str] = []
    for (name,) in await database.query("SELECT id FROM timelines ORDER BY opened_at, id"):
        found += await own_harm(Log(database), name)
    return found


async def own_harm(log: Log, name: str) -> list[str]:
    """Of this timeline's own rows, without those that it inherited."""
    try:
        return [one for one in await log.harm(name) if one.startswith(f"{name}:")]
    except NotFound:
        return []  # deleted meanwhile
    except StoreFailure as failure:
        return [f"{name}: {failure.message}"]
