"""The measured speed of each model on this machine, from the ledger's last attempts."""

from __future__ import annotations

from ralph.core.llm.speed import Guesses, ModelSpeed, Timed, model_speed
from ralph.store.sqlite.database import Database

LAST = 50

# The ledger has the answering name, which may be the requested one with a date: `model-2026-11-20`, `model-20261120`.
_TIMES = """
SELECT ttft_ms, duration_ms, output FROM attempts
WHERE provider = ?1 AND (model = ?2 OR (model >= ?2 || '-20' AND model < ?2 || '-21'
                                        AND substr(model, length(?2) + 2) GLOB '20[0-9][0-9]*'))
    AND outcome = 'ok' AND ttft_ms IS NOT NULL AND duration_ms IS NOT NULL
ORDER BY started_at DESC LIMIT ?3"""


_USED = "SELECT DISTINCT model FROM attempts WHERE provider = ? AND outcome = 'ok'"


# Uses the partial index `attempts_guessed`. Failed guesses are left out.
LAST_GUESSES = 200
_GUESSES = """
SELECT outcome FROM attempts WHERE speculated = 1 AND outcome IN ('ok', 'discarded') ORDER BY started_at DESC LIMIT ?"""


class ModelSpeeds:
    """Reads the ledger. Never writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def pace(self, provider: str, model: str) -> ModelSpeed:
        """Return the speed over the last successful attempts."""
        return model_speed([Timed(*row) for row in await self._db.query(_TIMES, provider, model, LAST)])

    async def models(self, provider: str) -> frozenset[str]:
        """Return the models of this provider that ever answered here; only they have measurements."""
        return frozenset(row[0] for row in await self._db.query(_USED, provider))

    async def guesses(self) -> Guesses:
        """Return the outcomes of the last answers that started before the route decided."""
        outcomes = [row[0] for row in await self._db.query(_GUESSES, LAST_GUESSES)]
        return Guesses(outcomes.count("ok"), outcomes.count("discarded"))
