"""The response cache's table: answers by the hash of a request, bounded in age and size."""

from __future__ import annotations

from ralph.core.clock import Clock
from ralph.store.sqlite.database import Database

_TRIM = """
DELETE FROM answers WHERE key IN (
    SELECT key FROM (SELECT key, sum(bytes) OVER (ORDER BY created_at DESC, key) AS total FROM answers)
    WHERE total > ?)"""

_KEEP = """
INSERT OR REPLACE INTO answers (key, created_at, bytes, data, timeline)
SELECT ?, ?, ?, ?, id FROM timelines WHERE id = ?"""


class StoredAnswers:
    """Cached answers in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def find(self, key: str, ttl_s: float) -> str | None:
        """Return the answer if it is at most `ttl_s` seconds old, else None."""
        oldest = self._clock.now().timestamp() - ttl_s
        rows = await self._db.query("SELECT data FROM answers WHERE key = ? AND created_at >= ?", key, oldest)
        return str(rows[0][0]) if rows else None

    async def keep(self, key: str, data: str, max_bytes: int, timeline: str) -> None:
        """Store the answer as long as its timeline exists; the oldest answers go until all fit into `max_bytes`.

        Nothing is stored for a timeline that is not saved, or in a read-only database.
        """
        if self._db.read_only:
            return
        row = (key, self._clock.now().timestamp(), len(data.encode()), data, timeline)
        async with self._db.transaction() as connection:
            await connection.execute(_KEEP, row)
            await connection.execute(_TRIM, (max_bytes,))
