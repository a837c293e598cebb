"""OpenAI's Responses: its request, encrypted reasoning, and failures that are ordinary events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import Message, Opaque, ResultPart, TextPart, ThinkingPart, user
from ralph.core.llm.request import Request
from ralph.core.timeline.history import for_model
from tests.providers.conftest import BOTH, Opener
from tests.providers.conversation import CITY, conversation, request
from tests.providers.wires import RESPONSES, collect
from tests.wires.script import Reply
from tests.wires.server import Server

pytestmark = BOTH

TOOL = {
    "type": "function",
    "name": "weather",
    "description": "the weather of a city",
    "parameters": CITY,
    "strict": False,
}


def _said(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


async def test_the_whole_request(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(RESPONSES), request(conversation(), tool_choice="none", max_output=500))
    assert server.asked[0].path == "/v1/responses"
    assert server.asked[0].json == {
        "model": "model-1",
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "instructions": "Be brief.",
        "max_output_tokens": 500,
        "tools": [TOOL],
        "tool_choice": "none",
        "input": [
            _said("user", "Paris and Oslo?"),
            _said("assistant", "Let me see."),
            {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Paris"}'},
            {"type": "function_call", "call_id": "call_2", "name": "weather", "arguments": '{"city":"Osló"}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
            {"type": "function_call_output", "call_id": "call_2", "output": "error: no such city"},
            _said("assistant", "Paris is sunny."),
            _said("user", "Thanks"),
            _said("assistant", "Gladly."),
            _said("user", "Once more"),
            _said("user", "Answer now."),
        ],
    }


async def test_encrypted_reasoning_goes_back_byte_identical(server: Server, connect: Opener) -> None:
    calls = (
        {"id": "call_A", "name": "weather", "arguments": {"city": "Paris"}},
        {"id": "call_B", "name": "weather", "arguments": {"city": "Osló"}},
    )
    server.will(Reply(thinking=("Two ", "calls."), signature="Zm9v/+==", calls=calls), Reply(text="Done."))
    provider = connect(RESPONSES)
    got = await collect(provider, request((user("a"),)))
    opaque = got.opaque
    assert opaque is not None
    assert [i["type"] for i in json.loads(opaque.json)] == ["reasoning", "function_call", "function_call"]
    assert got.parts[0] == ThinkingPart("Two calls.")
    results = Message("user", (ResultPart("call_A", "weather", "sunny"), ResultPart("call_B", "weather", "rain")))
    said = Message("assistant", got.parts, opaque)
    await collect(provider, request(for_model((user("a"), said, results), "openai", "model-1")))
    sent = server.asked[1]
    assert opaque.json[1:-1].encode() in sent.body
    assert sent.json["input"][1:4] == json.loads(opaque.json)
    assert [i["type"] for i in sent.json["input"][4:]] == ["function_call_output", "function_call_output", "message"]


@pytest.mark.parametrize("foreign", [Opaque("anthropic", "model-1", "[]"), Opaque("openai", "gpt-5.5", "[]")])
async def test_nobody_elses_thinking_is_sent(server: Server, connect: Opener, foreign: Opaque) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(RESPONSES), request(conversation(foreign, foreign)))
    assert b"two calls" not in server.asked[0].body
    assert b"Let me see." in server.asked[0].body


async def test_reasoning_that_cannot_go_back_is_not_kept(server: Server, connect: Opener) -> None:
    server.will(Reply(thinking="hm", text="ok"))
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert (got.opaque, got.thinking) == (None, "hm")


@pytest.mark.parametrize(
    ("model", "options", "settings", "expected"),
    [
        ("gpt-6.1-sol", {}, {"temperature": 0.5, "top_p": 0.9}, {"include": ["reasoning.encrypted_content"]}),
        (
            "gpt-6.1-sol",
            {},
            {"temperature": 0.5, "effort": "none"},
            {"include": ["reasoning.encrypted_content"], "temperature": 0.5, "reasoning": {"effort": "none"}},
        ),
        ("gpt-4.1", {"effort": "low"}, {"temperature": 0.5}, {"temperature": 0.5}),
        (
            "gpt-6-luna",
            {"thinking": "auto", "effort": "high"},
            {},
            {"include": ["reasoning.encrypted_content"], "reasoning": {"effort": "high", "summary": "auto"}},
        ),
    ],
)
async def test_settings(
    server: Server, connect: Opener, model: str, options: Any, settings: Any, expected: dict[str, Any]
) -> None:
    server.will(Reply(text="ok"))
    await collect(
        connect(RESPONSES, options={"api": "responses", **options}), Request(model, (user("a"),), settings=settings)
    )
    sent = server.asked[0].json
    assert {k: v for k, v in sent.items() if k not in ("model", "input", "stream", "store")} == expected


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "server_error"}, Kind.SERVER),
        ({"code": "rate_limit_exceeded", "message": "Please try again in 1m2.5s"}, Kind.RATE_LIMIT),
        ({"code": "invalid_prompt"}, Kind.REFUSAL),
        ({"code": "bio_policy"}, Kind.REFUSAL),
        ({"code": "context_length_exceeded"}, Kind.CONTEXT_LENGTH),
        ({"code": "server_error", "flat": True}, Kind.SERVER),
        ({"code": "rate_limit_exceeded", "flat": True, "message": "try again in 20ms"}, Kind.RATE_LIMIT),
    ],
)
async def test_failures_are_events_here(server: Server, connect: Opener, error: dict[str, Any], kind: Kind) -> None:
    server.will(Reply(text=("a", "b"), fault="error_event", after=1, error=error))
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert got.failure is not None
    assert (got.failure.kind, got.text, got.failure.rejected) == (kind, "a", False)
    waits = {"Please try again in 1m2.5s": 62.5, "try again in 20ms": 0.02}
    assert got.failure.retry_after_s == waits.get(error.get("message", ""))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("insufficient_quota", 429, Kind.QUOTA),
        ("context_length_exceeded", 400, Kind.CONTEXT_LENGTH),
        ("invalid_api_key", 401, Kind.AUTH),
        ("model_not_found", 404, Kind.UNKNOWN_MODEL),
        ("content_filter", 400, Kind.REFUSAL),
    ],
)
async def test_refusals_by_their_code(server: Server, connect: Opener, code: str, status: int, kind: Kind) -> None:
    server.will(Reply(status=status, error={"code": code}))
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert got.failure is not None
    assert (got.failure.kind, got.failure.rejected) == (kind, True)


def _events(*events: dict[str, Any]) -> Reply:
    body = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    return Reply(body=body, headers={"content-type": "text/event-stream"})


async def test_a_refusal_in_its_own_words(server: Server, connect: Opener) -> None:
    refusal = {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}
    server.will(
        _events(
            {"type": "response.refusal.delta", "delta": "I cannot."},
            {"type": "response.output_item.done", "item": refusal},
            {"type": "response.completed", "response": {"status": "completed"}},
        )
    )
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert (got.answer.stop_reason, got.parts, got.text) == ("refusal", (TextPart("I cannot."),), "I cannot.")


async def test_a_server_that_numbers_nothing_and_tells_its_items_late(server: Server, connect: Opener) -> None:
    """As llama.cpp does."""
    call = {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}", "status": "completed"}
    server.will(
        _events(
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.output_text.delta", "delta": "Let me see."},
            {"type": "response.function_call_arguments.delta", "delta": "{}"},
            {"type": "response.output_item.done", "item": call},
            {"type": "response.completed", "response": {"status": "completed"}},
        )
    )
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert got.answer.stop_reason == "tool_calls"
    assert got.parts[0] == TextPart("Let me see.")
    assert got.calls == [("c", "weather", {})]


async def test_phases_of_an_answer_go_back(server: Server, connect: Opener) -> None:
    item = {"type": "message", "phase": "commentary", "content": [{"type": "output_text", "text": "a"}]}
    server.will(
        _events(
            {"type": "response.output_item.done", "item": item},
            {"type": "response.completed", "response": {"status": "completed"}},
        )
    )
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert got.opaque is not None
    assert json.loads(got.opaque.json) == [item]


@pytest.mark.parametrize("item", [{"type": "message", "content": [True]}, "text", {"type": "reasoning", "summary": 4}])
async def test_items_of_a_strange_form(server: Server, connect: Opener, item: Any) -> None:
    server.will(
        _events(
            {"type": "response.output_item.done", "item": item},
            {"type": "response.completed", "response": {"status": "completed"}},
        )
    )
    got = await collect(connect(RESPONSES), request((user("a"),)))
    assert got.failure is not None
    assert got.failure.kind is Kind.PROTOCOL
