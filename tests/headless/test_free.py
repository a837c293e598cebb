"""`free: true` of a provider: its tokens cost nothing, in the turn, the ledger, the list and under a cap."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.llm.messages import user
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request
from tests.headless.ask import WIRES, Home, Result, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

ANSWER = Reply(text="yes", usage={"input": 1000, "output": 500}, times=None)


def home(path: Path, wire: str, url: str, free: str | None, more: str = "") -> Home:
    made = home_on(path, wire, url)
    entry, _ = WIRES[wire]
    text = entry.format(url=url).removesuffix("}}") + (f", free: {free}" if free else "") + "}}"
    (path / "config.yaml").write_text(f"providers: {text}\n{more}", encoding="utf-8")
    return made


async def asked(made: Home, server: Server) -> Result:
    server.will(ANSWER)
    return await made.ask("tell me something")


@pytest.mark.parametrize("wire", WIRES)
async def test_tokens_of_a_free_provider_cost_nothing(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        made = home(tmp_path, wire, server.url, "true", "budget: {day: 0.000001}")
        result = await asked(made, server)
        assert result.code == 0, result.err
        assert result.json["cost"] == {"nano_usd": 0, "status": "free"}
        assert [row["cost_status"] for row in result.rows()] == ["free"]
        async with workspace(made.flags, environ=made.environ, root=made.root) as space:
            ref = ModelRef(*WIRES[wire][1].split(":"))
            (listed,) = await space.models.list_rows(ref.provider)
            assert listed.price is not None
            assert listed.price.free
            quote = await space.answering.quote(ref, Request("model-1", (user("x"),)))
            assert quote == (None if wire in ("ollama", "compatible") else 0)


@pytest.mark.parametrize(("wire", "free"), [("compatible", None), ("compatible", "false"), ("ollama", "false")])
async def test_without_it_nothing_is_known(tmp_path: Path, wire: str, free: str | None) -> None:
    async with Server() as server:
        made = home(tmp_path, wire, server.url, free)
        result = await asked(made, server)
        assert result.json["cost"] == {"nano_usd": None, "status": "unknown"}
        home(tmp_path, wire, server.url, free, "budget: {day: 1}")
        assert (await made.ask("and more")).code == 6


async def test_a_price_goes_first(tmp_path: Path) -> None:
    prices = 'prices: {"mine:model-1": {input: 1, output: 2}}'
    async with Server() as server:
        result = await asked(home(tmp_path, "compatible", server.url, "true", prices), server)
    assert result.json["cost"] == {"nano_usd": 2_000_000, "status": "computed"}
