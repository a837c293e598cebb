"""How fast a model was, from the attempts that went well."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.core.llm.speed import ModelSpeed, Timed, model_speed
from ralph.store.sqlite.model_speed import LAST, ModelSpeeds
from ralph.store.sqlite.opening import connect

_ROW = """
INSERT INTO attempts (timeline, attempt, block, turn, role, started_at, day, provider, model, outcome, output, ttft_ms,
                      duration_ms)
VALUES ('t', ?, '1.4', 1, 'format', ?, '2026-11-20', ?, ?, ?, 10, ?, 1000)"""


@pytest.mark.parametrize(
    ("attempts", "made"),
    [
        ([], ModelSpeed()),
        ([Timed(400, 1400, 50)], ModelSpeed(0.4, 50.0)),
        ([Timed(900, 1900, 30), Timed(100, 1100, 10), Timed(400, 400, 0)], ModelSpeed(0.4, 20.0)),
        ([Timed(400, 400, 5)], ModelSpeed(0.4, None)),
    ],
)
def test_the_median_wait_and_the_speed_after_it(attempts: list[Timed], made: ModelSpeed) -> None:
    assert model_speed(attempts) == made


async def test_only_the_last_that_went_well_count(tmp_path: Path) -> None:
    database = await connect(tmp_path / "ralph.db")
    rows = [("v", "gpt", "ok", 5000.0)] * 10 + [("v", "gpt", "ok", 200.0)] * (LAST - 1)
    rows += [("v", "gpt-2026-11-20", "ok", 200.0), ("v", "gpt", "failed", 1.0), ("v", "gpt-20b", "ok", 1.0),
             ("w", "gpt", "ok", 1.0), ("v", "gpt-2", "ok", 1.0), ("v", "gpt", "ok", None)]  # fmt: skip
    async with database.transaction() as connection:
        for n, (provider, model, outcome, ttft) in enumerate(rows):
            await connection.execute(_ROW, (f"a{n}", f"{n:05d}", provider, model, outcome, ttft))
    paces = ModelSpeeds(database)
    assert (await paces.pace("v", "gpt")).first_token_s == 0.2
    assert await paces.pace("v", "none") == ModelSpeed()
    await database.close()
