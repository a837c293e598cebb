"""Finds unreadable rows and missing numbers in the log, over all timelines."""

from __future__ import annotations

from ralph.core.errors import NotFound, StoreFailure
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.log import Log


async def find_harm(database: Database) -> list[str]:
    """Return one sentence per fault; reads every row."""
    found: list[str] = []
    for (name,) in await database.query("SELECT id FROM timelines ORDER BY opened_at, id"):
        found += await own_harm(Log(database), name)
    return found


async def own_harm(log: Log, name: str) -> list[str]:
    """Return the faults in this timeline's own rows, without its inherited rows."""
    try:
        return [one for one in await log.harm(name) if one.startswith(f"{name}:")]
    except NotFound:
        return []  # another process deleted the timeline
    except StoreFailure as failure:
        return [f"{name}: {failure.message}"]
