"""The model of a role left to `auto`, as a person gets it: by budget, and with the reason in the step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.headless.ask import Home, Result
from tests.wires.script import Reply
from tests.wires.server import Server

PRICES = (
    'prices: {"anthropic:claude-sonnet-5-5": {input: 0, output: 1000}, '
    '"anthropic:claude-haiku-5-5": {input: 0, output: 100}}'
)


def home_on(path: Path, url: str, more: str) -> Home:
    text = f'providers: {{anthropic: {{api_key: sk-test, base_url: "{url}"}}}}\nrouting: {{route: rules}}\n{more}\n'
    return Home(path, text)


def finished(result: Result) -> dict[str, Any]:
    """The data of the last turn's steps."""
    return {e["data"]["block"]: e["data"]["data"] for e in result.lines if e["type"] == "block.finished"}


async def test_a_day_that_is_nearly_used_up_takes_the_cheapest_and_says_so(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 0, "output": 850}, times=None))
        home = home_on(tmp_path, server.url, f"{PRICES}\nbudget: {{day: 1.0}}")
        first, second = await home.ask("tell me something", "jsonl"), await home.ask("tell me more", "jsonl")
        named = await home.ask("and more", "jsonl", format="anthropic:claude-haiku-5-5")
        asked = [r.json["model"] for r in server.asked]
    assert asked == ["claude-sonnet-5-5", "claude-haiku-5-5", "claude-haiku-5-5"]
    assert finished(first)["1.4"]["chosen"] == {
        "model": "anthropic:claude-sonnet-5-5",
        "reason": "preferred for format",
    }
    assert finished(second)["1.4"]["chosen"] == {
        "model": "anthropic:claude-haiku-5-5",
        "reason": "cheapest that fits, the day budget is 85 % used",
    }
    assert "chosen" not in finished(second)["1.2"]  # the rules chose no model
    assert "chosen" not in finished(named)["1.4"]  # a person did


async def test_a_server_of_its_own_models_is_asked_once_and_its_model_named(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 1, "output": 1}, times=None))
        home = Home(tmp_path, f'providers: {{ollama: {{base_url: "{server.url}"}}}}\nrouting: {{route: rules}}\n')
        async with home.sitting() as ask:
            results = [await ask("tell me something", "jsonl") for _ in range(2)]
        lists = [r for r in server.requests if r.path.endswith("/api/tags")]
    said = {"model": "ollama:model-1", "reason": "first that ollama lists"}
    assert [finished(r)["1.4"]["chosen"] for r in results] == [said, said]
    assert len(lists) == 1
