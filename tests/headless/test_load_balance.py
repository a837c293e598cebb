"""An alias of several refs shares the load over real wires, and the ledger says who answered."""

from __future__ import annotations

from pathlib import Path

from tests.headless.ask import Home
from tests.wires.script import Reply
from tests.wires.server import Server

USAGE = {"input": 3, "output": 1}


def home_on(path: Path, one: str, other: str) -> Home:
    return Home(
        path,
        f'providers: {{one: {{kind: openai_compatible, base_url: "{one}/v1"}}, '
        f'other: {{kind: openai_compatible, base_url: "{other}/v1"}}}}\n'
        'aliases: {fast: ["one:m", "other:m"]}\nrouting: {route: rules, tool: fast, format: fast}\n',
    )


async def test_two_servers_take_turns(tmp_path: Path) -> None:
    async with Server() as one, Server() as other:
        for server in (one, other):
            server.will(Reply(text=("ok",), usage=USAGE, times=None))
        async with home_on(tmp_path, one.url, other.url).sitting() as ask:
            results = [await ask("tell me something") for _ in range(4)]
        assert (len(one.asked), len(other.asked)) == (2, 2)
    assert [r.code for r in results] == [0] * 4
    assert [row["provider"] for row in results[-1].rows()] == ["one", "other", "one", "other"]


async def test_where_one_is_out_of_breath_the_other_answers_at_once(tmp_path: Path) -> None:
    async with Server() as one, Server() as other:
        one.will(Reply(status=429, headers={"retry-after": "30"}, times=None))
        other.will(Reply(text=("ok",), usage=USAGE, times=None))
        result = await home_on(tmp_path, one.url, other.url).ask("tell me something", "jsonl")
        assert (len(one.asked), len(other.asked)) == (1, 1)
    started = [e["data"]["model"] for e in result.lines if e["type"] == "attempt.started"]
    assert (result.code, started) == (0, ["one:m", "other:m"])
    roles = next(e["data"]["roles"] for e in result.lines if e["type"] == "turn.started")
    assert roles["format"] == "fast"
    assert [e["data"]["kind"] for e in result.lines if e["type"] == "note"] == ["rotate"]
