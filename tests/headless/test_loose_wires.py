"""Answers of servers that do not keep to their wire's form: nothing is lost, doubled or taken for whole that is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.headless.ask import WIRES, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

WORDS = ("The tide ", "turns ", "twice ", "a day.")
WHOLE = "".join(WORDS)
USAGE = {"input": 31, "output": 7}
EVERY = ("heartbeats", "byte order mark", "CR", "figures as text", "twice")
LIES = [(wire, lie) for wire in WIRES for lie in EVERY] + [
    ("anthropic", "in start"), ("anthropic", "no types"), ("anthropic", "no end"), ("chat", "no end"),
    ("compatible", "no end"), ("responses", "only whole"),
]  # fmt: skip


@pytest.mark.parametrize(("wire", "lie"), LIES, ids=lambda v: v)
async def test_the_answer_is_whole_all_the_same(tmp_path: Path, wire: str, lie: str) -> None:
    async with Server() as server:
        server.will(Reply(text=WORDS, usage=USAGE, lies=(lie,)))
        result = await home_on(tmp_path, wire, server.url).ask("when?")
    assert (result.code, result.json["text"]) == (0, WHOLE), result.err
    usage = result.json["steps"][2]["usage"]
    assert (usage["input"], usage["output"], usage["source"]) == (31, 7, "reported")


def _anthropic(text: str, *last: Any, start: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    usage = {"input_tokens": 9, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "model-1", "content": [], "usage": usage}
    return (
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": start or {"type": "text", "text": text}},
        {"type": "content_block_stop", "index": 0},
        *last,
    )


def _reason(word: str) -> Mapping[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": word}, "usage": {"output_tokens": 5}}


@pytest.mark.parametrize(
    ("last", "code", "kind"),
    [
        ((_reason("end_turn"),), 0, None),
        ((_reason("stop_sequence"),), 0, None),
        ((), 9, "truncated"),
        ((_reason("max_tokens"),), 9, "output_limit"),
        ((_reason("model_context_window_exceeded"),), 8, "context_length"),
        ((_reason("refusal"),), 7, "refusal"),
        ((_reason("moon_phase"),), 9, "unknown_stop"),
    ],
    ids=lambda v: str(v)[:40],
)
async def test_a_stop_reason_is_an_end(tmp_path: Path, last: tuple[Any, ...], code: int, kind: str | None) -> None:
    """Without `message_stop`; a stream without either is cut short, whatever came."""
    async with Server() as server:
        server.will(Reply(events=_anthropic(WHOLE, *last)), Reply(status=400, times=None))
        result = await home_on(tmp_path, "anthropic", server.url).ask("when?")
    assert (result.code, result.json["text"]) == (code, WHOLE)
    assert (result.json["error"] or {}).get("kind") == kind
    if kind == "unknown_stop":
        assert "moon_phase" in result.json["error"]["message"]


async def test_a_paused_answer_goes_on(tmp_path: Path) -> None:
    """What came goes back unchanged, and each request is an attempt."""
    search = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "tide"}}
    text = {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "The tide "}}
    async with Server() as server:
        server.will(
            Reply(events=_anthropic("", text, _reason("pause_turn"), start=search)),
            Reply(events=_anthropic("turns.", _reason("end_turn"))),
        )
        result = await home_on(tmp_path, "anthropic", server.url).ask("when?")
        first, second = (asked.json["messages"] for asked in server.asked)
    assert (result.code, result.json["text"]) == (0, "The tide turns.")
    assert second[: len(first)] == first
    assert second[len(first) :] == [{"role": "assistant", "content": [search, {"type": "text", "text": "The tide "}]}]
    assert [row["outcome"] for row in result.rows()] == ["ok", "ok"]


async def test_a_pause_without_end_has_one(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(events=_anthropic("on ", _reason("pause_turn")), times=None))
        result = await home_on(tmp_path, "anthropic", server.url).ask("when?")
        assert len(server.asked) == len(result.rows()) == 9
    assert (result.code, result.json["error"]["kind"]) == (9, "output_limit")
    assert "paused" in result.json["error"]["message"]


LOADED = {"model": "model-1", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "load"}


async def test_a_model_that_was_only_loaded_is_asked_again(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(events=(LOADED,)), Reply(text=WORDS, usage=USAGE))
        result = await home_on(tmp_path, "ollama", server.url).ask("when?", output="jsonl")
        assert len(server.asked) == 2
    assert result.code == 0
    assert [row["outcome"] for row in result.rows()] == ["failed", "ok"]
    waits = [line["data"] for line in result.lines if line["type"] == "attempt.waiting"]
    assert [wait["cause"] for wait in waits] == ["loading"]


async def test_a_model_that_only_loads_is_asked_twice(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(events=({**LOADED, "done_reason": "unload"},), times=None))
        result = await home_on(tmp_path, "ollama", server.url).ask("when?")
        assert len(server.asked) == 2
    assert (result.code, result.json["error"]["kind"]) == (4, "empty_answer")
    assert "unload" in result.json["error"]["message"]


async def test_thinking_between_tags(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("<thi", "nk>When is it?</think>", *WORDS), usage=USAGE))
        result = await home_on(tmp_path, "ollama", server.url).ask("when?")
    assert result.json["text"] == WHOLE
    assert result.json["steps"][2]["thinking"] == "When is it?"


@pytest.mark.parametrize("wire", WIRES)
async def test_one_document_in_place_of_a_stream(tmp_path: Path, wire: str) -> None:
    said = {"role": "assistant", "content": WHOLE}
    documents: Mapping[str, Mapping[str, Any]] = {
        "anthropic": {"type": "message", "role": "assistant", "content": [{"type": "text", "text": WHOLE}],
                      "stop_reason": "end_turn", "usage": {"input_tokens": 31, "output_tokens": 7}},
        "responses": {"object": "response", "status": "completed", "usage": {"input_tokens": 31, "output_tokens": 7},
                      "output": [{"type": "message", "content": [{"type": "output_text", "text": WHOLE}]}]},
        "chat": {"choices": [{"message": said, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": 31, "completion_tokens": 7}},
        "ollama": {"message": said, "done": True, "done_reason": "stop", "prompt_eval_count": 31, "eval_count": 7},
    }  # fmt: skip
    async with Server() as server:
        document = documents.get(wire, documents["chat"])
        server.will(Reply(events=(document,), headers={"content-type": "application/json"}))
        result = await home_on(tmp_path, wire, server.url).ask("when?")
    assert (result.code, result.json["text"]) == (0, WHOLE), result.err
    assert result.json["usage"]["input"] == 31
