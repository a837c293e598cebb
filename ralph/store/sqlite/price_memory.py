"""What the price table gave for the models that were asked: their last rows, and which models it lacks."""

from __future__ import annotations

import json

from ralph.core.errors import StoreFailure
from ralph.core.llm.prices import PriceRow
from ralph.core.log.codec import build
from ralph.store.sqlite.database import Database

_PRICE = """
SELECT price FROM attempts WHERE provider = ? AND model = ? AND price IS NOT NULL ORDER BY started_at DESC LIMIT 1"""
_LACKS = "SELECT 1 FROM unpriced_models WHERE provider = ? AND model = ? AND version = ?"
_KEEP = "INSERT OR REPLACE INTO unpriced_models (provider, model, version) VALUES (?, ?, ?)"


class PriceRows:
    """The rows of the ledger, and the models without one."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def last_price(self, provider: str, model: str) -> PriceRow | None:
        """Return the price row of this model's last attempt."""
        rows = await self._db.query(_PRICE, provider, model)
        return build(PriceRow, json.loads(rows[0][0])) if rows else None

    async def lacks_price(self, provider: str, model: str, version: str) -> bool:
        """Return whether this version of the table is known to lack the model."""
        return bool(await self._db.query(_LACKS, provider, model, version))

    async def keep_lack(self, provider: str, model: str, version: str) -> None:
        """Keep it for later processes; in a database that cannot be written they look again."""
        try:
            await self._db.write(_KEEP, provider, model, version)
        except StoreFailure:
            return
