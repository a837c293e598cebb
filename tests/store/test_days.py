"""The ledger's day: a budget of a day is had once, whatever `TZ` is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.store.sqlite.days import Day, following, local
from tests.headless.ask import home_on
from tests.headless.sequences import PRICES
from tests.wires.script import Reply
from tests.wires.server import Server

UTC, TOKYO, HAWAII = 0, 540, -600


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def here(zone: pytest.MonkeyPatch, name: str) -> None:
    zone.setenv("TZ", name)
    time.tzset()


@pytest.mark.parametrize(
    ("latest", "at", "day"),
    [
        (None, "2026-11-20T20:00:00.000000Z", Day("2026-11-21", TOKYO)),
        (Day("2026-11-20", UTC), "2026-11-20T20:00:00.000000Z", Day("2026-11-20", UTC)),
        (Day("2026-11-20", UTC), "2026-11-21T00:00:00.000000Z", Day("2026-11-21", TOKYO)),
        (Day("2026-11-20", HAWAII), "2026-11-21T09:59:00.000000Z", Day("2026-11-20", HAWAII)),
        (Day("2026-11-22", UTC), "2026-11-20T20:00:00.000000Z", Day("2026-11-22", UTC)),
        (Day("2026-11-20", None), "2026-11-20T20:00:00.000000Z", Day("2026-11-21", TOKYO)),
        (Day("2026-11-20", TOKYO + 60), "2026-11-20T15:00:00.000000Z", Day("2026-11-21", TOKYO)),
    ],
)
def test_a_day_that_has_begun_ends_at_its_own_midnight(
    zone: pytest.MonkeyPatch, latest: Day | None, at: str, day: Day
) -> None:
    here(zone, "JST-9")
    assert following(latest, at) == day


async def test_another_time_zone_gives_no_second_budget_and_a_rebuild_moves_no_day(
    tmp_path: Path, zone: pytest.MonkeyPatch
) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 1000, "output": 10}, times=None))
        home = home_on(tmp_path, "compatible", server.url, PRICES + "budget: {day: 0.0015}\n")
        codes, days = [], set()
        for name in ("WEST12", "EAST-14", "WEST12", "EAST-14"):
            here(zone, name)
            result = await home.ask("tell me something")
            codes.append(result.code)
            days |= {row["day"] for row in result.rows()}
        assert codes == [0, 6, 6, 6]
        assert len(days) == 1
        here(zone, "WEST12")
        before = local(result.rows()[0]["started_at"])
        assert days == {before.day}
