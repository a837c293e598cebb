"""Through any order of commands the ledger has a row for each request that the server saw, and its bill."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.headless.ask import home_on
from tests.headless.sequences import PRICES, Billed, play
from tests.wires.script import Reply
from tests.wires.server import Server

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize("seeds", [range(n, n + 12) for n in range(0, 96, 12)], ids=str)
async def test_any_order_of_commands(tmp_path: Path, seeds: range) -> None:
    asked = 0
    for seed in seeds:
        billed: Billed = await play(tmp_path / str(seed), seed)
        asked += len(billed.server.asked)
    assert asked > len(seeds), "most commands ask the server"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("seed", range(4))
async def test_any_order_of_commands_and_deaths(tmp_path: Path, seed: int) -> None:
    await play(tmp_path / "home", 1000 + seed, kills=True)


async def test_turns_that_are_not_saved_stay_in_the_ledger(tmp_path: Path) -> None:
    """The same turn number three times, one of them saved, then everything that writes rows anew."""
    async with Server() as server:
        home = home_on(tmp_path, "compatible", server.url, PRICES)
        for tokens, options in (
            (100, {}),
            (200, {"timeline": "last", "save": False}),
            (300, {"timeline": "last", "save": False}),
            (400, {"timeline": "last"}),
        ):
            server.will(Reply(text=("ok",), usage={"input": tokens, "output": 1}))
            result = await home.ask("tell me something", **options)
            assert result.code == 0
        billed = Billed(home, server, None)  # type: ignore[arg-type]
        for work in (billed.rebuild, billed.delete, billed.rebuild):
            await work()
            rows = result.rows("SELECT saved, input FROM attempts ORDER BY input")
            assert [(r["saved"], r["input"]) for r in rows] == [(1, 100), (0, 200), (0, 300), (1, 400)]


async def test_what_was_not_saved_counts_against_the_cap_of_its_timeline(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 1000, "output": 10}, times=None))
        home = home_on(tmp_path, "compatible", server.url, PRICES + "budget: {timeline: 0.004}\n")
        codes = [(await home.ask("tell me something")).code]
        for _ in range(4):
            codes.append((await home.ask("tell me something", timeline="last", save=False)).code)
        assert codes == [0, 0, 0, 6, 6], "each costs $0.00104, and as much again is held for its output"
        assert len(server.asked) == 3
