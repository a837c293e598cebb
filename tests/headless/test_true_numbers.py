"""Figures that a person trusts: waits are no work, a refused request is not free, an empty answer is a failure."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.ports.face import Consent
from ralph.headless.run import Question, run
from tests.frozen import FrozenClock
from tests.headless.ask import Home, home_on
from tests.headless.sequences import PRICES
from tests.wires.script import Reply
from tests.wires.server import Server

DECISION = {"tools": ["calculate"], "rounds": 1, "intent": "compute", "difficulty": "low", "reason": "a sum"}
ASKING = "tools: {ask: [calculate]}\n"


class Slow:
    """A person who thinks for so many seconds before each answer."""

    def __init__(self, clock: FrozenClock, seconds: float, *, allows: bool = True) -> None:
        self.clock, self.seconds, self.allows = clock, seconds, allows

    async def allow(self, consent: Consent) -> bool:
        self.clock.advance(self.seconds)
        return self.allows

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return None


async def asked(home: Home, person: Slow) -> tuple[dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    options: dict[str, Any] = {"environ": home.environ, "root": home.root, "ids": home.ids, "clock": person.clock}
    async with workspace(home.flags, **options) as space:
        space.asker = person
        await run(space, Question("tell me something", output="json"), out, err)
    return json.loads(out.getvalue()), err.getvalue()


@pytest.mark.parametrize("allows", [True, False])
async def test_the_time_in_which_a_person_thinks_is_no_time_of_a_tool(tmp_path: Path, allows: bool) -> None:
    call = {"name": "calculate", "arguments": {"expression": "1+1"}, "id": "c1"}
    async with Server() as server:
        server.will(Reply(text=(json.dumps(DECISION),)), Reply(calls=[call]), Reply(text=("2",)))
        home = home_on(tmp_path, "compatible", server.url, ASKING)
        home.flags = type(home.flags)(model="mine:model-1", route="mine:model-1")
        told, err = await asked(home, Slow(FrozenClock(), 33.8, allows=allows))
    _, tool, _ = told["steps"]
    assert tool["waited"] == {"person": 33800.0}
    assert (tool["duration_ms"], tool["tools"][0]["duration_ms"], tool["tools"][0]["waited_ms"]) == (0.0, 0.0, 33800.0)
    assert (told["duration_ms"], told["waited"]) == (0.0, {"person": 33800.0})
    assert "─ 0.0s" in err
    assert "waited 33.8s for you" in err


async def test_an_empty_answer_counts_as_failed(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(usage={"input": 3, "output": 0}))
        home = home_on(tmp_path, "compatible", server.url, PRICES)
        result = await home.ask("tell me something")
        assert result.json["error"]["kind"] == "empty_answer"
        (row,) = result.rows()
        assert (row["outcome"], row["error_kind"]) == ("failed", "empty_answer")
        async with workspace(home.flags, environ=home.environ) as space:
            assert (await space.usage.report("model")).total.error_rate == 1.0


async def test_a_refused_request_costs_nothing_and_is_not_called_free(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(status=401))
        home = home_on(tmp_path, "compatible", server.url, PRICES)
        result = await home.ask("tell me something")
        assert result.json["cost"] == {"nano_usd": 0, "status": "free"}
        async with workspace(home.flags, environ=home.environ) as space:
            budgets = await space.usage.budgets(result.json["timeline"], 1)
            assert {row.spent for row in budgets} == {None}, "nothing stands in the top line"
            (listed,) = await space.timelines.rows()
            assert listed.charged == "$0"


async def test_a_second_window_sees_that_the_first_one_spends(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 1000, "output": 10}))
        home = home_on(tmp_path, "compatible", server.url, PRICES)
        async with workspace(home.flags, environ=home.environ) as second:
            before = await second.usage.version()
            assert await second.usage.version() == before
            await home.ask("tell me something")
            assert await second.usage.version() != before
            day = next(row for row in await second.usage.budgets() if row.name == "day")
            assert day.spent is not None
            assert day.spent.nano_usd == 1_040_000


async def test_a_provider_that_is_called_free_is_free(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 3, "output": 1}, times=None))
        home = home_on(tmp_path, "compatible", server.url)
        assert (await home.ask("tell me something")).json["cost"]["status"] == "unknown"
        async with workspace(home.flags, environ=home.environ) as space:
            assert (await space.usage.report("day")).unpriced == ("mine:model-1",)
        config = f'providers: {{mine: {{kind: openai_compatible, base_url: "{server.url}/v1", free: true}}}}\n'
        free = Home(tmp_path, config)
        free.flags, free.ids = home.flags, home.ids
        assert (await free.ask("tell me something")).json["cost"] == {"nano_usd": 0, "status": "free"}
        async with workspace(home.flags, environ=home.environ) as space:
            assert (await space.usage.report("day")).unpriced == ()
