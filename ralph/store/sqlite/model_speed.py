"""How fast each model was here, from the ledger's last attempts."""

from __future__ import annotations

from ralph.core.llm.speed import Guesses, ModelSpeed, Timed, model_speed
from ralph.store.sqlite.database import Database

LAST = 50

# The ledger has the name that answered, which may be the asked one with its date: `model-2026-11-20`, `model-20261120`.
_TIMES = """
SELECT ttft_ms, duration_ms, output FROM attempts
WHERE provider = ?1 AND (model = ?2 OR (model >= ?2 || '-20' AND model < ?2 || '-21'
                                        AND substr(model, length(?2) + 2) GLOB '20[0-9][0-9]*'))
    AND outcome = 'ok' AND ttft_ms IS NOT NULL AND duration_ms IS NOT NULL
ORDER BY started_at DESC LIMIT ?3"""


_USED = "SELECT DISTINCT model FROM attempts WHERE provider = ? AND outcome = 'ok'"


# By the partial index `attempts_guessed`. Of a guess that failed nothing is learned.
LAST_GUESSES = 200
_GUESSES = """
SELECT outcome FROM attempts WHERE speculated = 1 AND outcome IN ('ok', 'discarded') ORDER BY started_at DESC LIMIT ?"""


class ModelSpeeds:
    """Reads the ledger. Never writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def pace(self, provider: str, model: str) -> ModelSpeed:
        """Of the last attempts that went well."""
        return model_speed([Timed(*row) for row in await self._db.query(_TIMES, provider, model, LAST)])

    async def models(self, provider: str) -> frozenset[str]:
        """The models of this provider that ever answered here: only of these there is anything to tell."""
        return frozenset(row[0] for row in await self._db.query(_USED, provider))

    async def guesses(self) -> Guesses:
        """What became of the last answers that were begun before the route had decided."""
        outcomes = [row[0] for row in await self._db.query(_GUESSES, LAST_GUESSES)]
        return Guesses(outcomes.count("ok"), outcomes.count("discarded"))
