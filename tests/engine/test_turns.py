"""Whole turns over real llama.cpp: a tool loop with a plugin, a route under its schema, a restart between turns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ralph import registry
from ralph.core.timeline.decision import RouteDecision, read
from tests.headless.ask import Home

WEATHER = '''
from ralph.core.llm.request import ToolSpec

class Weather:
    """The weather of the test."""

    spec = ToolSpec(
        "get_weather", "Get the weather in a city",
        {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    )
    effect = "none"

    async def run(self, arguments, call):
        return "sunny"

TOOL = Weather()
'''
BUILT_IN = f"[{', '.join(registry.builtin_names('tools'))}]"
ROUTE = """
- {role: route, text: '{"tools": ["get_weather"], "rounds": 1, "intent": "other", "difficulty": "low", "reason": "-"}'}
- {role: route, text: '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "-"}'}
"""
KINDS = {
    "messages": "anthropic: {{api_key: none, base_url: '{url}/v1', settings: {{temperature: 0}}}}",
    "responses": "openai: {{api_key: none, base_url: '{url}/v1', api: responses, settings: {{temperature: 0}}}}",
    "chat": "openai: {{api_key: none, base_url: '{url}/v1', settings: {{temperature: 0}}}}",
    "compatible": "engine: {{kind: openai_compatible, base_url: '{url}/v1', settings: {{temperature: 0}}}}",
}


@pytest.fixture
def weather(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin package, installed as pip would leave it."""
    folder = tmp_path / "site"
    (folder / "ralph_weather-1.0.dist-info").mkdir(parents=True)
    (folder / "ralph_weather.py").write_text(WEATHER)
    (folder / "ralph_weather-1.0.dist-info" / "METADATA").write_text("Name: ralph-weather\nVersion: 1.0\n")
    points = "[ralph.tools]\nget_weather = ralph_weather:TOOL\n"
    (folder / "ralph_weather-1.0.dist-info" / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(folder))


def home_on(path: Path, engine: str, kind: str) -> tuple[Home, str]:
    """No guess: a client that opens fast enough would send one before the route is read, which is an attempt more."""
    entry = KINDS[kind].format(url=engine)
    more = f"tools: {{deny: {BUILT_IN}}}\npipeline: {{speculate: off}}\n"
    home = Home(path, f"providers:\n  {entry}\n{more}")
    (path / "route.yaml").write_text(ROUTE)
    return home, f"{entry.partition(':')[0]}:tiny-chat"


@pytest.mark.usefixtures("weather")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_whole_tool_loop_and_a_restart(tmp_path: Path, engine: str, kind: str) -> None:
    home, ref = home_on(tmp_path, engine, kind)
    route = f"scripted:{tmp_path}/route.yaml"
    first = await home.ask("What is the weather in Paris?", model=ref, route=route)
    made = first.json
    call = made["steps"][1]["tools"][0]
    assert (call["name"], call["arguments"], call["output"]) == ("get_weather", {"city": "Paris"}, "sunny")
    assert made["steps"][1]["usage"]["source"] == "reported"
    assert made["steps"][1]["usage"]["input"] > 0
    assert "Paris is sunny" in made["text"]
    assert all(a["usage"]["output"] > 0 for s in made["steps"][1:] for a in s["attempts"])
    talk = tmp_path / "talk.yaml"
    talk.write_text(ROUTE.splitlines()[2])
    second = await home.ask("Hello", model=ref, route=f"scripted:{talk}", timeline="last")
    assert second.code == 0, second.err
    assert second.json["text"]
    assert second.json["turn"] == 2
    assert sum(row["provider"] != "scripted" for row in second.rows()) == 3


@pytest.mark.usefixtures("weather")
@pytest.mark.parametrize("kind", ["chat", "compatible"])
async def test_a_route_under_its_schema(tmp_path: Path, engine: str, kind: str) -> None:
    home, ref = home_on(tmp_path, engine, kind)
    result = await home.ask("Hello", model=ref, route=ref)
    step = result.json["steps"][0]
    assert step["status"] == "ok", step
    assert isinstance(read(step["text"]), RouteDecision)
    assert set(json.loads(step["text"])) == {"tools", "rounds", "intent", "difficulty", "reason"}
    assert step["data"]["by"] == ref


@pytest.mark.parametrize("kind", KINDS)
async def test_thinking_is_kept_apart(tmp_path: Path, engine: str, kind: str) -> None:
    home, ref = home_on(tmp_path, engine, kind)
    result = await home.ask("Think: 2+2?", model=ref, route="rules")
    answer = result.json["steps"][2]
    assert answer["thinking"].startswith("I add 2 and 2.")
    assert answer["text"].strip().isdigit()  # it is no great calculator
    assert result.json["usage"]["source"] == "reported"
