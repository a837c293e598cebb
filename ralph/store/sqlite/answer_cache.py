"""The response cache's table: by the hash of a request, bounded in age and size."""

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
    """Answers that live as long as their database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def find(self, key: str, ttl_s: float) -> str | None:
        """The answer, if it is no older than this."""
        oldest = self._clock.now().timestamp() - ttl_s
        rows = await self._db.query("SELECT data FROM answers WHERE key = ? AND created_at >= ?", key, oldest)
        return str(rows[0][0]) if rows else None

    async def keep(self, key: str, data: str, max_bytes: int, timeline: str) -> None:
        """Keep it as long as the timeline that it was made for; the oldest go until all together fit.

        Where that timeline is not saved, and where the database can only be read, nothing is kept.
        """
        if self._db.read_only:
            return
        row = (key, self._clock.now().timestamp(), len(data.encode()), data, timeline)
        async with self._db.transaction() as connection:
            await connection.execute(_KEEP, row)
            await connection.execute(_TRIM, (max_bytes,))
