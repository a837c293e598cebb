"""What a person gets of servers that keep to no form: the right text, the right exit code, no false bill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.headless.ask import Home, home_on
from tests.providers.chat_streams import STOP, call, chunk, function, stream
from tests.wires.script import Reply
from tests.wires.server import Server

DECISION = {"tools": ["calculate"], "rounds": 3, "intent": "compute", "difficulty": "low", "reason": "a sum"}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 50}
PRICED = "prices: {'mine:m': {input: 1, output: 1}}\n"
RULES = "routing: {route: rules}\nretry: {base_s: 0.001, max_s: 0.002}\n"


def _home(path: Path, url: str, more: str = "", options: str = "") -> Home:
    path.mkdir(exist_ok=True)
    entry = f'{{kind: openai_compatible, base_url: "{url}/v1", free: false{options}}}'
    return Home(path, f"providers: {{mine: {entry}}}\n{more}")


async def _format(path: Path, server: Server, reply: Reply, more: str = RULES) -> tuple[int, dict[str, Any]]:
    """One question whose answer is the reply, and the step that it made."""
    server.will(reply)
    result = await _home(path, server.url, more).ask("tell me something about rivers", model="mine:m")
    made: dict[str, Any] = result.json
    return result.code, {**made["steps"][2], "whole": made}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [('{"expression": 6*7', "not JSON"), ("[1, 2]", "a list"), ("6*7", "not JSON"), ("7", "a number")],
)
async def test_arguments_that_cannot_be_read_are_told_to_the_model(tmp_path: Path, arguments: str, told: str) -> None:
    end = chunk("tool_calls")
    async with Server() as server:
        server.will(
            stream(chunk("stop", content=json.dumps(DECISION))),
            stream(call(index=0, id="a", function=function("calculate", arguments)), end),
            stream(call(index=0, id="b", function=function("calculate", '{"expression": "6*7"}')), end),
            stream(chunk("stop", content="done")),
            stream(chunk("stop", content="It is 42.")),
        )
        home = _home(tmp_path, server.url, "routing: {route: 'mine:m'}\n")
        result = await home.ask("work it out", model="mine:m")
        asked = [r.json for r in server.asked]
    made = result.json
    first, second = made["steps"][1]["tools"]
    assert (result.code, made["text"], len(asked)) == (0, "It is 42.", 5)
    assert (first["status"], second["status"], second["output"]) == ("error", "ok", "42")
    assert told in first["output"]
    assert arguments in first["output"]
    again = next(m for m in asked[2]["messages"] if m.get("tool_calls"))
    assert json.loads(again["tool_calls"][0]["function"]["arguments"]) == {}
    assert told in next(m["content"] for m in asked[2]["messages"] if m["role"] == "tool")


FIGURES: dict[str, tuple[Any, tuple[int, int], str]] = {
    "numbers": (USAGE, (1000, 50), "reported"),
    "text": ({"prompt_tokens": "1000", "completion_tokens": " 50 "}, (1000, 50), "reported"),
    "floats": ({"prompt_tokens": 1000.0, "completion_tokens": 5e1}, (1000, 50), "reported"),
    "other names": ({"input_tokens": 1000, "output_tokens": 50}, (1000, 50), "reported"),
    "camel case": ({"promptTokens": 1000, "completionTokens": 50}, (1000, 50), "reported"),
    "a total for what is missing": ({"prompt_tokens": 1000, "total_tokens": 1050}, (1000, 50), "reported"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
async def test_figures_in_every_form(tmp_path: Path, name: str) -> None:
    usage, counted, source = FIGURES[name]
    async with Server() as server:
        reply = stream(chunk(content="x"), STOP, {"choices": [], "usage": usage})
        code, step = await _format(tmp_path, server, reply, RULES + PRICED)
    assert code == 0
    assert (step["usage"]["input"], step["usage"]["output"]) == counted
    assert (step["usage"]["source"], step["cost"]["nano_usd"]) == (source, sum(counted) * 1000)


PLACES: dict[str, list[Any]] = {
    "in the choice": [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]}],
    "in the delta": [chunk("stop", usage=USAGE)],
    "zeros after it": [
        {**STOP, "usage": USAGE},
        {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
    ],
    "growing": [{**chunk(content=""), "usage": {**USAGE, "completion_tokens": 3}}, {**STOP, "usage": USAGE}],
    "shrinking": [{**STOP, "usage": USAGE}, {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 1}}],
    "Groq's": [{**STOP, "x_groq": {"id": "r", "usage": USAGE}}],
    "a list": [STOP, {"choices": [], "usage": [USAGE]}],
}


@pytest.mark.parametrize("name", PLACES)
async def test_figures_in_every_place(tmp_path: Path, name: str) -> None:
    async with Server() as server:
        _, step = await _format(tmp_path, server, stream(chunk(content="x"), *PLACES[name]), RULES + PRICED)
    usage = step["usage"]
    assert (usage["input"], usage["output"], usage["source"]) == (1000, 50, "reported")
    assert step["cost"] == {"nano_usd": 1_050_000, "status": "computed"}


LIES: dict[str, Any] = {
    "negative": {"prompt_tokens": -1000, "completion_tokens": 50},
    "both negative": {"prompt_tokens": -1000, "completion_tokens": -50},
    "huge": {"prompt_tokens": 2**70, "completion_tokens": 50},
    "endless": {"prompt_tokens": 10, "completion_tokens": 1e999},
    "words": {"prompt_tokens": "many", "completion_tokens": 50},
    "truth": {"prompt_tokens": True, "completion_tokens": True},
    "an object": {"prompt_tokens": {"a": 1}, "completion_tokens": 50},
    "zeros": {"prompt_tokens": 0, "completion_tokens": 0},
    "no output": {"prompt_tokens": 10, "completion_tokens": 0},
    "more cached than read": {**USAGE, "prompt_tokens_details": {"cached_tokens": 5000}},
    "more reasoning than output": {**USAGE, "completion_tokens_details": {"reasoning_tokens": 5000}},
    "a total below its parts": {**USAGE, "total_tokens": 7},
}


@pytest.mark.parametrize("name", LIES)
async def test_figures_that_cannot_be_true_are_estimated_and_noted(tmp_path: Path, name: str) -> None:
    async with Server() as server:
        reply = stream(chunk(content="many words of an answer"), STOP, {"choices": [], "usage": LIES[name]})
        server.will(reply)
        home = _home(tmp_path, server.url, RULES + PRICED)
        result = await home.ask("tell me something about rivers", "jsonl", model="mine:m")
    events = result.lines
    (note,) = [e["data"] for e in events if e["type"] == "note" and e["data"]["kind"] == "usage.doubtful"]
    finish = next(e["data"] for e in events if e["type"] == "attempt.finished")
    usage, cost = finish["usage"], finish["cost"]
    assert (result.code, usage["source"], cost["status"]) == (0, "estimated", "estimated")
    assert 0 < usage["input"] < 10_000
    assert 0 < usage["output"] < 10_000
    assert cost["nano_usd"] == (usage["input"] + usage["output"]) * 1000
    assert usage["cache_read"] + usage["cache_write"] <= usage["input"]
    assert usage["reasoning"] <= usage["output"]
    assert note["block"] == finish["attempt"].split("a")[0]
    assert note["data"]
    assert json.loads(json.dumps(finish["raw_usage"], allow_nan=False))


STATED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a number": ({"cost": 0.00123}, {"nano_usd": 1_230_000, "status": "reported"}),
    "text": ({"cost": "0.00123"}, {"nano_usd": 1_230_000, "status": "reported"}),
    "nothing": ({"cost": 0}, {"nano_usd": 0, "status": "reported"}),
    "a breakdown": ({"cost": {"total_cost": 0.5}}, {"nano_usd": 500_000_000, "status": "reported"}),
    "ticks": ({"cost_in_usd_ticks": 12_345_670_000}, {"nano_usd": 1_234_567_000, "status": "reported"}),
    "estimated by the server": ({"estimated_cost": 1e-6}, {"nano_usd": 1000, "status": "reported"}),
    "negative": ({"cost": -1}, {"nano_usd": None, "status": "unknown"}),
    "words": ({"cost": "a lot"}, {"nano_usd": None, "status": "unknown"}),
    "endless": ({"cost": 1e999}, {"nano_usd": None, "status": "unknown"}),
}


@pytest.mark.parametrize("name", STATED)
async def test_a_cost_that_the_server_states(tmp_path: Path, name: str) -> None:
    given, cost = STATED[name]
    async with Server() as server:
        reply = stream(chunk(content="x"), STOP, {"choices": [], "usage": {**USAGE, **given}})
        server.will(reply)
        result = await _home(tmp_path, server.url, RULES).ask("tell me of rivers", "jsonl", model="mine:m")
    finish = next(e["data"] for e in result.lines if e["type"] == "attempt.finished")
    assert (finish["cost"], finish["usage"]["source"]) == (cost, "reported")
    noted = [e["data"]["data"] for e in result.lines if e["type"] == "note" and e["data"]["kind"] == "usage.doubtful"]
    assert len(noted) == (cost["nano_usd"] is None)


async def test_a_persons_price_goes_before_what_the_server_states(tmp_path: Path) -> None:
    async with Server() as server:
        reply = stream(chunk(content="x"), STOP, {"choices": [], "usage": {**USAGE, "cost": 7}})
        _, step = await _format(tmp_path, server, reply, RULES + PRICED)
    assert step["cost"] == {"nano_usd": 1_050_000, "status": "computed"}


@pytest.mark.parametrize(("text", "code"), [("", 4), ("Rivers ", 9)])
async def test_a_reason_to_end_that_nobody_documents_is_no_success(tmp_path: Path, text: str, code: int) -> None:
    async with Server() as server:
        got, step = await _format(tmp_path, server, stream(chunk(content=text), chunk("banana")))
    assert (got, step["whole"]["error"]["kind"], step["whole"]["text"]) == (code, "unknown_stop", text)
    assert "'banana'" in step["whole"]["error"]["message"]


async def test_an_answer_of_thinking_alone_says_so(tmp_path: Path) -> None:
    async with Server() as server:
        code, step = await _format(tmp_path, server, stream(chunk(reasoning="Hm."), STOP))
    assert (code, step["thinking"], step["error"]["kind"]) == (4, "Hm.", "empty_answer")
    assert "only reasoned" in step["error"]["message"]


async def test_thinking_between_tags_is_not_sent_back(tmp_path: Path) -> None:
    async with Server() as server:
        home = _home(tmp_path, server.url, RULES)
        said = stream(chunk(content="secret plan\n</think>\n\nRivers flow."), STOP)
        server.will(said, stream(chunk(content="They do."), STOP))
        first = (await home.ask("tell me of rivers", model="mine:m")).json
        await home.ask("tell me more of them", model="mine:m", timeline="last")
        sent = json.dumps(server.asked[-1].json)
    assert (first["text"], first["steps"][2]["thinking"].strip()) == ("Rivers flow.", "secret plan")
    assert "secret" not in sent


async def test_halves_of_characters_are_stored_as_they_are_shown(tmp_path: Path) -> None:
    async with Server() as server:
        reply = stream(chunk(content="\ud83d"), chunk(content="\ude00 and \ud83d"), chunk(content=" \x00"), STOP)
        code, step = await _format(tmp_path, server, reply)
    assert (code, step["text"]) == (0, "\U0001f600 and \ufffd \ufffd")


async def test_thoughts_that_were_printed_before_their_end_was_known_are_told(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("a plan\n", "of two lines\n</think>\n\n", "Rivers flow.")))
        result = await home_on(tmp_path, "compatible", server.url).ask("why?", "text")
    assert (result.code, result.out) == (0, "a plan\nof two lines\n\nRivers flow.\n")
    assert "ignore the first 20 characters above: the answer started again" in result.err
