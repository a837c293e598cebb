"""Three turns with thinking and parallel calls, the program started anew for each, on every wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.headless.ask import WIRES, home_on
from tests.wires.script import Reply
from tests.wires.server import Recorded, Server

CALLS = (
    {"name": "calculate", "arguments": {"expression": "17% of 2340"}},
    {"name": "calculate", "arguments": {"expression": "2+2"}},
)
USAGE = {"input": 50, "output": 9}
ALL = """
providers:
  anthropic: {{api_key: sk-test, base_url: "{url}"}}
  openai: {{api_key: sk-test, base_url: "{url}/v1", api: responses}}
  ollama: {{base_url: "{url}"}}
"""


async def talk(home: Any, server: Server) -> list[Recorded]:
    """Two turns with tools and a third without; returns the five requests."""
    for number in (1, 2):
        server.will(
            Reply(thinking=(f"I plan {number}.",), signature=f"sig-plan-{number}", calls=CALLS, usage=USAGE),
            Reply(
                thinking=(f"I write {number}.",),
                signature=f"sig-write-{number}",
                text=(f"Answer {number}.",),
                usage=USAGE,
            ),
        )
    server.will(Reply(text=("Answer 3.",), usage=USAGE))
    for number, prompt in enumerate(("what is 17% of 2340?", "what is 2+2?", "well, thank you for that"), start=1):
        result = await home.ask(prompt, timeline=None if number == 1 else "last")
        assert result.code == 0, result.err
        assert result.json["text"] == f"Answer {number}."
        tools = result.json["steps"][1]["tools"]
        assert [t["status"] for t in tools] == (["ok", "ok"] if number < 3 else [])
        assert all(a["outcome"] == "ok" for s in result.json["steps"] for a in s["attempts"])
    return server.asked


@pytest.mark.parametrize("wire", WIRES)
async def test_calls_go_back_paired_and_thinking_to_its_maker(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        asked = await talk(home_on(tmp_path, wire, server.url), server)
    assert len(asked) == 5
    last = asked[-1].json
    kept = json.dumps(last)
    pairs = PAIRS[wire](last)
    assert len(pairs) == 4
    assert all(call == result for call, result in pairs)
    assert kept.count("397.8") >= 2
    for number in (1, 2):
        assert f"Answer {number}." in kept
        for what in ("plan", "write"):
            assert (f"sig-{what}-{number}" in kept) is (wire in ("anthropic", "responses")), what
    prefix_is_stable(wire, asked)


def anthropic_pairs(body: Any) -> list[tuple[str, str]]:
    blocks = [b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"]]
    calls = [b["id"] for b in blocks if b["type"] == "tool_use"]
    return list(zip(calls, [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"], strict=True))


def responses_pairs(body: Any) -> list[tuple[str, str]]:
    calls = [i["call_id"] for i in body["input"] if i.get("type") == "function_call"]
    results = [i["call_id"] for i in body["input"] if i.get("type") == "function_call_output"]
    return list(zip(calls, results, strict=True))


def chat_pairs(body: Any) -> list[tuple[str, str]]:
    calls = [c["id"] for m in body["messages"] for c in m.get("tool_calls", ())]
    return list(zip(calls, [m["tool_call_id"] for m in body["messages"] if m["role"] == "tool"], strict=True))


def ollama_pairs(body: Any) -> list[tuple[str, str]]:
    calls = [c["function"]["name"] for m in body["messages"] for c in m.get("tool_calls", ())]
    return list(zip(calls, [m["tool_name"] for m in body["messages"] if m["role"] == "tool"], strict=True))


PAIRS: Any = {
    "anthropic": anthropic_pairs,
    "responses": responses_pairs,
    "chat": chat_pairs,
    "compatible": chat_pairs,
    "ollama": ollama_pairs,
}


def prefix_is_stable(wire: str, asked: list[Recorded]) -> None:
    """What the tool step sent begins what the format step sends, so that prompt caches hit."""
    key = "input" if wire == "responses" else "messages"
    for tool, answer in ((asked[0], asked[1]), (asked[2], asked[3])):
        before, after = tool.json, answer.json
        if wire != "ollama":
            assert before["tools"] == after["tools"]
        assert without_marks(before[key][:-1]) == without_marks(after[key][: len(before[key]) - 1])


def without_marks(messages: Any) -> str:
    """Cache breakpoints move with the conversation; what they mark does not."""
    return json.dumps(messages).replace(', "cache_control": {"type": "ephemeral"}', "")


async def test_another_vendor_gets_no_thinking_and_new_ids(tmp_path: Path) -> None:
    """Anthropic, then OpenAI, then Ollama, then Anthropic again, with thinking and tools in the history."""
    async with Server() as server:
        home = home_on(tmp_path, "anthropic", server.url)
        (tmp_path / "config.yaml").write_text(ALL.format(url=server.url))
        server.will(
            Reply(thinking=("I plan.",), signature="sig-plan", calls=CALLS, usage=USAGE),
            Reply(thinking=("I write.",), signature="sig-write", text=("Answer.",), usage=USAGE),
        )
        assert (await home.ask("what is 17% of 2340?")).code == 0
        bodies = []
        for ref in ("openai:model-1", "ollama:model-1", "anthropic:model-1"):
            server.will(Reply(text=(f"By {ref}.",), usage=USAGE))
            result = await home.ask("well, thank you for that", model=ref, timeline="last")
            assert result.code == 0, result.err
            bodies.append(server.asked[-1].json)
    openai, ollama, anthropic = bodies
    for other, pairs in ((openai, responses_pairs), (ollama, ollama_pairs)):
        assert "sig-" not in json.dumps(other)
        assert "I plan." not in json.dumps(other)
        assert len(pairs(other)) == 2
    assert responses_pairs(openai) == [("call_1", "call_1"), ("call_2", "call_2")]
    assert "sig-plan" in json.dumps(anthropic)
    assert "sig-write" in json.dumps(anthropic)
    assert "By openai:model-1." in json.dumps(anthropic)
    assert len(anthropic_pairs(anthropic)) == 2
