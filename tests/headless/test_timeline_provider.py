"""`timeline:ID` as a model: a whole turn again through the real pipeline, and no server is asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.headless.ask import home_on
from tests.wires.script import Reply
from tests.wires.server import Server


async def test_a_turn_is_played_again_without_its_server(tmp_path: Path) -> None:
    calls = ({"name": "calculate", "arguments": {"expression": "17% of 2340"}},)
    usage = {"input": 50, "output": 9}
    async with Server() as server:
        home = home_on(tmp_path, "anthropic", server.url)
        server.will(Reply(calls=calls, usage=usage), Reply(text=("It is ", "397.8."), usage=usage))
        first = (await home.ask("what is 17% of 2340?")).json
        count = len(server.requests)
        home.flags = replace(home.flags, model=f"timeline:{first['timeline']}")
        result = await home.ask("what is 17% of 2340?")
        assert len(server.requests) == count
    assert result.code == 0, result.err
    again = result.json
    assert again["text"] == first["text"] == "It is 397.8."
    assert [t["output"] for t in again["steps"][1]["tools"]] == [t["output"] for t in first["steps"][1]["tools"]]
    assert again["usage"]["input"] == first["usage"]["input"]
    assert again["cost"] == {"nano_usd": 0, "status": "free"}
