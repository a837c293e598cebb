"""Deleting timelines: no text of them stays in the database, its WAL, or the prompt history beside it."""

from __future__ import annotations

import asyncio
import glob
from collections.abc import Sequence
from pathlib import Path

from ralph.core.errors import StoreFailure
from ralph.store.prompts import Prompts
from ralph.store.sqlite.database import Database

# The trigger `timelines_go_whole` removes what belongs to the row.
_DELETE = "DELETE FROM timelines WHERE id = ?"
# FTS5 only marks a removed row: its words stay in older segments until these are merged.
_MERGE_SEARCH = "INSERT INTO search (search) VALUES ('optimize')"


async def delete(database: Database, prompts: Prompts, timelines: Sequence[str]) -> str:
    """All of these or none, each with all that only it refers to. The caller has their locks. Raises `StoreFailure`.

    Returns why bytes of them may still lie in the file; empty if none do. SQLite overwrites what is deleted with zeros
    (`secure_delete`, set where the database is opened), but a page that was balanced before keeps a second copy of a
    cell, and the WAL keeps whole pages. So the file is written anew (VACUUM), and the WAL emptied.
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
