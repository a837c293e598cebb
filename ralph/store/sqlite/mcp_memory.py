"""The tables of servers of tools: their last lists, and the pinned definitions of their tools."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.core.ports.mcp import KeptLists, ToolPin
from ralph.store.sqlite.database import Database

_FIND = "SELECT revision, data, at, ttl_s FROM mcp_lists WHERE server = ? ORDER BY data = '', at DESC LIMIT 1"
_KEEP = "INSERT OR REPLACE INTO mcp_lists (server, revision, at, ttl_s, data) VALUES (?, ?, ?, ?, ?)"
_PINS = "SELECT tool, sha256, definition FROM mcp_pins WHERE server = ?"
_PIN = "INSERT OR REPLACE INTO mcp_pins (server, tool, sha256, definition) VALUES (?, ?, ?, ?)"


class StoredMcp:
    """Lists and pins in the database. A read-only database keeps nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def find_lists(self, key: str) -> KeptLists | None:
        """Return the last lists; a failed try only if there never was a list."""
        rows = await self._db.query(_FIND, key)
        return KeptLists(*rows[0]) if rows else None

    async def keep_lists(self, key: str, kept: KeptLists) -> None:
        if not self._db.read_only:
            await self._db.write(_KEEP, key, kept.protocol, kept.at, kept.ttl_s, kept.data)

    async def list_pins(self, server: str) -> Mapping[str, ToolPin]:
        return {tool: ToolPin(digest, text) for tool, digest, text in await self._db.query(_PINS, server)}

    async def pin(self, server: str, pins: Mapping[str, ToolPin]) -> None:
        if not pins or self._db.read_only:
            return
        async with self._db.transaction() as connection:
            for tool, one in pins.items():
                await connection.execute(_PIN, (server, tool, one.digest, one.definition))
