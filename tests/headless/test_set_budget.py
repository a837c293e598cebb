"""Budgets that a person looks at and changes while ralph runs: the next request keeps to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.errors import Failure
from ralph.core.llm.usage import NANO, Cost
from ralph.core.ports.usage_report import BudgetRow
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

# A thousand dollars a million tokens of output: 300 tokens cost $0.30.
PRICES = 'prices: {"ollama:model-1": {input: 0, output: 1000}}\n'


def priced(path: Path, server: Server, more: str = "") -> Home:
    server.will(Reply(text=("ok",), usage={"input": 9, "output": 300}, times=None))
    return home_on(path, "ollama", server.url, PRICES + more)


async def rows(space: LocalWorkspace, *here: Any) -> dict[str, BudgetRow]:
    return {row.name: row for row in await space.usage.budgets(*here)}


async def test_a_cap_that_is_set_holds_from_the_next_request_on(tmp_path: Path) -> None:
    async with Server() as server:
        home = priced(tmp_path, server, "budget: {month: 5}")
        async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
            session = await space.timelines.open()
            await session.submit(UserInput("tell me something"))
            read = await rows(space, session.id, 1)
            assert [row.cap for row in read.values()] == [None, None, None, 5 * NANO]
            assert {row.used for row in read.values()} == {Cost(300_000_000, "computed")}
            assert read["month"].share == 0.06

            space.usage.set_budget("day", 0.4)
            await session.submit(UserInput("and more"))
            assert session.timeline().turns[-1].status == "failed"
            assert len(server.asked) == 1
            assert (await rows(space, session.id, 2))["turn"].used == Cost()

            for usd in (0.9, 1.0, 1.4, None):
                space.usage.set_budget("day", usd)
                await session.submit(UserInput("and more"))
                assert session.timeline().turns[-1].status == "ok"
            spent = Cost(1_500_000_000, "computed")
            assert (await rows(space))["day"] == BudgetRow("day", None, spent, spent)
            notes = [
                n
                for t in session.timeline().turns
                for b in t.blocks
                for n in b.notes
                if n.data.get("cap") and "nano_usd" not in n.data
            ]
            assert [n.text.partition(" is ")[0] for n in notes] == [
                "day budget: $0.86 of $1.00", "day budget: $1.16 of $1.40"
            ]  # fmt: skip
    assert len(server.asked) == 5


@pytest.mark.parametrize("usd", [-1.0, float("nan"), float("inf")])
async def test_what_is_no_amount_is_refused(tmp_path: Path, usd: float) -> None:
    home = Home(tmp_path)
    async with workspace(home.flags, environ=home.environ) as space:
        with pytest.raises(Failure, match="US dollars"):
            space.usage.set_budget("day", usd)
        with pytest.raises(Failure, match="no budget 'week'; there are turn, timeline, day, month"):
            space.usage.set_budget("week", 1.0)  # type: ignore[arg-type]
        assert (await rows(space))["day"].cap is None


async def test_the_command_line_and_the_file_are_what_it_begins_with(tmp_path: Path) -> None:
    home = Home(tmp_path, "budget: {turn: 0.5, timeline: 1, day: 2.5}")
    async with workspace(home.flags, environ=home.environ) as space:
        assert [row.cap for row in await space.usage.budgets()] == [NANO // 2, NANO, 5 * NANO // 2, None]


async def test_how_full_the_window_is(tmp_path: Path) -> None:
    async with Server() as server:
        home = priced(tmp_path, server)
        async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
            session = await space.timelines.open()
            await session.submit(UserInput("tell me something"))
            share = await space.models.estimate_fill(session)
            assert share is None or 0 < share < 1
            session.use_model("builtin:rules")
            assert await space.models.estimate_fill(session) is None
