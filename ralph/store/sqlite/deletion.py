"""Deletes timelines: none of their text stays in the database, its WAL, or the prompt history beside it."""

from __future__ import annotations

import asyncio
import glob
from collections.abc import Sequence
from pathlib import Path

from ralph.core.errors import StoreFailure
from ralph.store.prompts import Prompts
from ralph.store.sqlite.database import Database

# The trigger `timelines_go_whole` removes the rows that belong to the timeline.
_DELETE = "DELETE FROM timelines WHERE id = ?"
# FTS5 only marks a removed row: its words stay in older segments until the segments are merged.
_MERGE_SEARCH = "INSERT INTO search (search) VALUES ('optimize')"


async def delete(database: Database, prompts: Prompts, timelines: Sequence[str]) -> str:
    """Delete all of these timelines or none, with all data that only they refer to. The caller holds their locks.

    Returns the reason why bytes of them may remain in the file, or an empty text. Raises `StoreFailure`. SQLite
    overwrites deleted data with zeros (`secure_delete`), but a page that was balanced before keeps a second copy of a
    cell, and the WAL keeps whole pages. So the file is rewritten (VACUUM) and the WAL is emptied.
    """
    async with database.transaction() as connection:
        for timeline in timelines:
            await connection.execute(_DELETE, (timeline,))
        await connection.execute(_MERGE_SEARCH)
    try:
        await asyncio.to_thread(prompts.forget, timelines)
    except OSError as error:
        names = ", ".join(timelines)
        raise StoreFailure(f"{names} is deleted, but {prompts.path} still contains its prompts: {error}") from None
    try:
        await database.write_anew()
    except StoreFailure as failure:
        return f"bytes of it may still lie in {database.path} ({failure.message}); run `ralph db vacuum` later"
    return ""


def copies(path: Path) -> list[Path]:
    """Return the copies that ralph made beside the database before each migration. A deletion does not change them."""
    return sorted(path.parent.glob(f"{glob.escape(path.stem)}.before-*.db"))
