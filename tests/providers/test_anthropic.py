"""Anthropic: its request, its cache breakpoints, its thinking, and what only its wire does."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import Any

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import CallPart, Message, Opaque, ResultPart, TextPart, ThinkingPart, user
from ralph.core.llm.request import Request
from ralph.core.timeline.history import for_model
from tests.providers.conftest import BOTH, Opener
from tests.providers.conversation import CITY, RESULTS, conversation, request
from tests.providers.wires import ANTHROPIC, collect
from tests.wires.script import Reply
from tests.wires.server import Server

pytestmark = BOTH

CACHED = {"cache_control": {"type": "ephemeral"}}
TOOL = {"name": "weather", "description": "the weather of a city", "input_schema": CITY}
SIGNED = Reply(
    thinking=("Two ", "calls, “é”."),
    signature="Zm9v/+==",
    redacted="b3BhcXVl",
    text="Let me see.",
    calls=(
        {"id": "toolu_A", "name": "weather", "arguments": {"city": "Paris", "n": 1.5, "deep": {"a": [None, True]}}},
        {"id": "toolu_B", "name": "weather", "arguments": {"city": "Osló"}},
    ),
)


async def test_the_whole_request(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(ANTHROPIC), request(conversation()))
    assert server.asked[0].json == {
        "model": "model-1",
        "max_tokens": 8192,
        "stream": True,
        "system": [{"type": "text", "text": "Be brief.", **CACHED}],
        "tools": [TOOL],
        "tool_choice": {"type": "auto"},
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Paris and Oslo?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Paris"}},
                    {"type": "tool_use", "id": "call_2", "name": "weather", "input": {"city": "Osló"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "call_1", "content": "sunny"},
                    {
                        "type": "tool_result",
                        "tool_use_id": "call_2",
                        "content": "no such city",
                        "is_error": True,
                        **CACHED,
                    },
                ],
            },
            {"role": "assistant", "content": [{"type": "text", "text": "Paris is sunny."}]},
            {"role": "user", "content": [{"type": "text", "text": "Thanks"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Gladly.", **CACHED}]},
            {
                "role": "user",
                "content": [{"type": "text", "text": "Once more"}, {"type": "text", "text": "Answer now."}],
            },
        ],
    }


async def test_signed_thinking_goes_back_byte_identical(server: Server, connect: Opener) -> None:
    server.will(SIGNED, Reply(text="Done."))
    provider = connect(ANTHROPIC)
    got = await collect(provider, request((user("Paris and Oslo?"),)))
    opaque = got.opaque
    assert opaque is not None
    assert (opaque.provider, opaque.model) == ("anthropic", "model-1")
    assert json.loads(opaque.json) == [
        {"type": "thinking", "thinking": "Two calls, “é”.", "signature": "Zm9v/+=="},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "text", "text": "Let me see."},
        {
            "type": "tool_use",
            "id": "toolu_A",
            "name": "weather",
            "input": {"city": "Paris", "n": 1.5, "deep": {"a": [None, True]}},
        },
        {"type": "tool_use", "id": "toolu_B", "name": "weather", "input": {"city": "Osló"}},
    ]
    said = Message("assistant", got.parts, opaque)
    results = Message("user", (ResultPart("toolu_A", "weather", "sunny"), ResultPart("toolu_B", "weather", "rain")))
    messages = for_model((user("Paris and Oslo?"), said, results), "anthropic", "model-1")
    await collect(provider, request(messages))
    sent = server.asked[1]
    assert f'{{"role":"assistant","content":{opaque.json}}}'.encode() in sent.body
    assert sent.json["messages"][2] == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "toolu_A", "content": "sunny"},
            {"type": "tool_result", "tool_use_id": "toolu_B", "content": "rain", **CACHED},
            {"type": "text", "text": "Answer now."},
        ],
    }


@pytest.mark.parametrize(
    "foreign", [Opaque("openai", "model-1", "[]"), Opaque("anthropic", "model-0", "[]")], ids=["maker", "model"]
)
async def test_nobody_elses_thinking_is_sent(server: Server, connect: Opener, foreign: Opaque) -> None:
    server.will(Reply(text="ok", times=2))
    provider = connect(ANTHROPIC)
    await collect(provider, request(conversation(foreign, foreign)))
    await collect(provider, request(for_model(conversation(foreign, foreign), "anthropic", "model-1")))
    for asked in server.asked:
        assert b"thinking" not in asked.body
        assert b"two calls" not in asked.body


async def test_what_is_signed_is_never_marked(server: Server, connect: Opener) -> None:
    """A breakpoint would change its bytes, so it stands on the last message before that may have one."""
    mine = Opaque("anthropic", "model-1", '[{"type":"thinking","thinking":"t","signature":"s"}]')
    server.will(Reply(text="ok"))
    messages = (user("a"), Message("assistant", (TextPart("b"),), mine), user("c"))
    await collect(connect(ANTHROPIC), request(messages))
    first, second, third = server.asked[0].json["messages"]
    assert first["content"] == [{"type": "text", "text": "a", **CACHED}]
    assert second["content"] == json.loads(mine.json)
    assert "cache_control" not in json.dumps(third)


async def test_at_most_four_breakpoints(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(
        connect(ANTHROPIC),
        request((*conversation(), Message("assistant", (CallPart("x", "weather"),)), Message("user", RESULTS))),
    )
    assert server.asked[0].body.count(b"cache_control") == 3


async def test_without_a_system_the_tools_are_marked(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(ANTHROPIC), request((user("a"),), system=""))
    assert server.asked[0].json["tools"] == [{**TOOL, **CACHED}]


async def test_calls_in_the_conversation_need_their_tools(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(ANTHROPIC), request(conversation(), tools=()))
    sent = server.asked[0].json
    assert [t["name"] for t in sent["tools"]] == ["weather"]
    assert sent["tool_choice"] == {"type": "none"}


async def test_blank_text_is_left_out(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    messages = (user("a"), Message("assistant", (TextPart(" \n"),)), user("b"))
    await collect(connect(ANTHROPIC), Request("model-1", messages))
    assert [m["role"] for m in server.asked[0].json["messages"]] == ["user", "user"]


async def test_an_instruction_after_an_answer_is_a_message(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(ANTHROPIC), request(conversation()[:4]))
    assert server.asked[0].json["messages"][-1] == {
        "role": "user",
        "content": [{"type": "text", "text": "Answer now."}],
    }


@pytest.mark.parametrize(
    ("options", "settings", "choice", "expected"),
    [
        ({}, {}, "auto", {}),
        ({"thinking": False}, {}, "auto", {}),
        ({"thinking": "adaptive"}, {}, "auto", {"thinking": {"type": "adaptive", "display": "summarized"}}),
        ({"thinking": "adaptive"}, {"thinking": "off"}, "auto", {}),
        ({}, {"thinking": 2000}, "auto", {"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 10192}),
        ({}, {"effort": "low", "stop": "END"}, "auto", {"output_config": {"effort": "low"}, "stop_sequences": ["END"]}),
        ({}, {"temperature": 0.5, "top_p": 1, "max_output": 9}, "auto", {"max_tokens": 9}),
        ({}, {}, "required", {"tool_choice": {"type": "any"}}),
        ({"thinking": "adaptive"}, {}, "required", {"thinking": {"type": "adaptive", "display": "summarized"}}),
    ],
)
async def test_settings(
    server: Server, connect: Opener, options: Any, settings: Any, choice: Any, expected: dict[str, Any]
) -> None:
    server.will(Reply(text="ok"))
    asked = request((user("a"),), settings=settings, tool_choice=choice)
    await collect(connect(ANTHROPIC, options=options), asked)
    sent = server.asked[0].json
    plain = {"max_tokens": 8192, "tool_choice": {"type": "auto"}, "stream": True, "model": "model-1", **expected}
    assert {k: v for k, v in sent.items() if k not in ("messages", "system", "tools")} == plain


async def test_a_route_never_thinks(server: Server, connect: Opener) -> None:
    server.will(Reply(text="{}"))
    await collect(connect(ANTHROPIC, options={"thinking": "adaptive"}), replace(request((user("a"),)), role="route"))
    assert "thinking" not in server.asked[0].json


async def test_its_headers(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(ANTHROPIC, base_url=server.url + "/v1/"), request((user("a"),)))
    sent = server.asked[0]
    assert sent.path == "/v1/messages"
    assert sent.headers["authorization"] == "Bearer secret-key-1"
    assert sent.headers["anthropic-version"] == "2026-10-21"


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-3-opus-20240229"])
async def test_an_old_model_warns_nobody(server: Server, connect: Opener, model: str) -> None:
    server.will(Reply(text="ok"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await collect(connect(ANTHROPIC), Request(model, (user("a"),), settings={"thinking": 2000}))
    assert [w for w in caught if "deprecated" in str(w.message)] == []


async def test_usage_is_told_at_once_and_kept_where_the_end_is_silent(server: Server, connect: Opener) -> None:
    server.will(Reply(text=("a", "b"), usage={"input": 9, "cache_read": 4, "output": 7}, fault="cut", after=1))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.usage is not None
    assert (got.usage.input, got.usage.cache_read, got.usage.output) == (9, 4, 1)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        ({"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}}, 429, Kind.BILLING),
        ({"message": "Your credit balance is too low to access the API"}, 400, Kind.BILLING),
        ({"type": "api_error"}, 500, Kind.SERVER),
        ({"message": "model: claude-2 was retired"}, 404, Kind.RETIRED_MODEL),
    ],
)
async def test_its_own_errors(server: Server, connect: Opener, error: dict[str, Any], status: int, kind: Kind) -> None:
    server.will(Reply(status=status, error=error))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.failure is not None
    assert got.failure.kind is kind


@pytest.mark.parametrize("type_", ["overloaded_error", "api_error", "timeout_error"])
async def test_errors_in_mid_stream_by_their_type(server: Server, connect: Opener, type_: str) -> None:
    server.will(Reply(text=("a", "b"), fault="error_event", after=1, error={"type": type_}))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.failure is not None
    assert got.failure.kind is Kind.OVERLOADED


def _events(*events: dict[str, Any]) -> str:
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


START = {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 1, "output_tokens": 0}}}
END = (
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 2, "input_tokens": None},
    },
    {"type": "message_stop"},
)


def _start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _delta(index: int, kind: str, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **delta}}


async def test_blocks_that_overlap(server: Server, connect: Opener) -> None:
    """As llama.cpp sends them: a block begins before the one before it ends, the signature comes last and empty."""
    body = _events(
        START,
        _start(0, type="thinking", thinking=""),
        _delta(0, "thinking_delta", thinking="hm"),
        _start(1, type="text", text=""),
        _delta(1, "text_delta", text="4"),
        _delta(0, "signature_delta", signature=""),
        {"type": "content_block_stop", "index": 0},
        {"type": "something_new", "x": 1},
        _delta(1, "new_delta", y=2),
        {"type": "content_block_stop", "index": 1},
        *END,
    )
    server.will(Reply(body=body, headers={"content-type": "text/event-stream"}))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.parts == (ThinkingPart("hm"), TextPart("4"))
    assert got.usage is not None
    assert (got.usage.input, got.usage.output) == (1, 2)
    assert got.opaque is not None
    assert json.loads(got.opaque.json)[0] == {"type": "thinking", "thinking": "hm", "signature": ""}


async def test_a_call_without_input_has_no_arguments(server: Server, connect: Opener) -> None:
    body = _events(START, _start(0, type="tool_use", id="", name="now"), *END)
    server.will(Reply(body=body, headers={"content-type": "text/event-stream"}))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.calls == [("call_0", "now", {})]


async def test_words_that_are_no_text(server: Server, connect: Opener) -> None:
    odd = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": {"a": "b"}}}
    body = _events(START, _start(0, type="text", text="x"), odd)
    server.will(Reply(body=body, headers={"content-type": "text/event-stream"}))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.failure is not None
    assert got.failure.kind is Kind.PROTOCOL


async def test_plain_answers_have_nothing_opaque(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok", calls=({"name": "weather", "arguments": {}},)))
    got = await collect(connect(ANTHROPIC), request((user("a"),)))
    assert got.opaque is None


async def test_a_model_that_retires(server: Server, connect: Opener) -> None:
    server.models = ({"id": "old", "window": 200_000, "max_output": 8, "retires": "2026-11-30T00:00:00Z"},)
    (model,) = await connect(ANTHROPIC).models()
    assert (model.name, model.window, model.max_output, model.retires) == ("old", 200_000, 8, "2026-11-30")
    assert (model.thinking, model.images, model.tools) == (True, True, True)
