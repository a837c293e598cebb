"""The habits of OpenAI's imitators, each met somewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ralph.core.errors import ConfigFailure, Kind
from ralph.core.llm.messages import TextPart, ThinkingPart, user
from ralph.core.llm.request import Request
from ralph.core.llm.usage import Usage
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers.openai_compatible import PROVIDER
from tests.providers.conftest import Opener
from tests.providers.wires import CHATS, COMPATIBLE, Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Server

HELLO = Request("m", (user("hi"),))
HABITS = pytest.mark.parametrize("wire", CHATS, ids=lambda w: w.name)


def _stream(*chunks: Any, done: bool = True, space: str = " ", end: str = "\n\n") -> Reply:
    lines = [c if isinstance(c, str) else json.dumps(c) for c in chunks] + (["[DONE]"] if done else [])
    body = "".join(f"data:{space}{line}{end}" for line in lines)
    return Reply(body=body, headers={"content-type": "text/event-stream"})


def _chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _call(**call: Any) -> dict[str, Any]:
    return _chunk(tool_calls=[call])


TEXT = _chunk(content="ok")
STOP = _chunk("stop")


@HABITS
@pytest.mark.parametrize(
    "reply",
    [
        _stream(TEXT, STOP, done=False),
        _stream(TEXT, _chunk("")),
        _stream(TEXT, STOP, space=""),
        _stream(TEXT, STOP, end="\r\n\r\n"),
        _stream({"choices": [], "prompt_filter_results": []}, TEXT, STOP),
        _stream(_chunk(content=""), _chunk(content=None), TEXT, STOP),
        _stream(
            {"choices": [{"delta": {"content": "ok"}, "finish_reason": None}]}, {"choices": [{"finish_reason": "eos"}]}
        ),
        _stream({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}),
    ],
    ids=["no DONE", "empty finish", "no space", "CRLF", "no choices first", "null content", "no index", "message"],
)
async def test_it_is_an_answer_all_the_same(server: Server, connect: Opener, wire: Wire, reply: Reply) -> None:
    server.will(reply)
    got = await collect(connect(wire), HELLO)
    assert (got.parts, got.answer.stop_reason, got.usage) == ((TextPart("ok"),), "stop", None)


@HABITS
@pytest.mark.parametrize("place", ["end", "last", "every", "groq"])
async def test_usage_wherever_it_stands(server: Server, connect: Opener, wire: Wire, place: str) -> None:
    server.will(Reply(text=("a", "b"), usage={"input": 5, "output": 3}, usage_place=place))
    got = await collect(connect(wire), HELLO)
    assert got.usage == Usage(5, 0, 0, 3, 0, "reported")


async def test_reasoning_that_was_counted_beside_the_output(server: Server, connect: Opener) -> None:
    usage = {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 18,
        "completion_tokens_details": {"reasoning_tokens": 10},
        "prompt_cache_hit_tokens": 4,
    }
    server.will(_stream(TEXT, STOP, {"choices": [], "usage": usage}))
    got = await collect(connect(COMPATIBLE), HELLO)
    assert got.usage == Usage(5, 4, 0, 13, 10, "reported")
    assert got.report.raw_usage == usage


@HABITS
@pytest.mark.parametrize(
    ("chunks", "calls"),
    [
        (
            [_call(index=0, id="a", function={"name": "f", "arguments": {"x": 1}})],
            [("a", "f", {"x": 1})],
        ),
        (
            [_call(function={"name": "f", "arguments": '{"x":'}), _call(function={"arguments": "1}"})],
            [("call_0", "f", {"x": 1})],
        ),
        (
            [
                _call(id="a", function={"name": "f", "arguments": "{}"}),
                _call(id="b", function={"name": "g", "arguments": '{"y"'}),
                _call(function={"arguments": ":2}"}),
            ],
            [("a", "f", {}), ("b", "g", {"y": 2})],
        ),
        (
            [_chunk(tool_calls=[{"function": {"name": "f"}}, {"function": {"name": "g", "arguments": ""}}])],
            [("call_0", "f", {}), ("call_1", "g", {})],
        ),
        (
            [
                _call(index=0, id="a", function={"name": "f", "arguments": ""}),
                _call(index=1, id="b", function={"name": "f", "arguments": "{}"}),
                _call(index=0, id=None, function={"name": None, "arguments": '{"x":1}'}),
            ],
            [("a", "f", {"x": 1}), ("b", "f", {})],
        ),
    ],
    ids=["object", "no id, no index", "ids only", "names only", "mixed up"],
)
async def test_calls_in_every_form(
    server: Server, connect: Opener, wire: Wire, chunks: list[Any], calls: list[Any]
) -> None:
    server.will(_stream(*chunks, STOP))
    got = await collect(connect(wire), HELLO)
    assert (got.calls, got.answer.stop_reason) == (calls, "tool_calls")


@HABITS
@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_thinking_by_both_names(server: Server, connect: Opener, wire: Wire, name: str) -> None:
    server.will(_stream(_chunk(**{name: "hm"}), TEXT, STOP))
    got = await collect(connect(wire), HELLO)
    assert got.parts == (ThinkingPart("hm"), TextPart("ok"))


@HABITS
async def test_thinking_in_a_list_of_parts(server: Server, connect: Opener, wire: Wire) -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "o"}]
    server.will(_stream(_chunk(content=parts), _chunk(content="k"), STOP))
    got = await collect(connect(wire), HELLO)
    assert got.parts == (ThinkingPart("hm"), TextPart("ok"))


@HABITS
@pytest.mark.parametrize("content", [{"a": 1}, True, [[True]]], ids=str)
async def test_text_that_is_none(server: Server, connect: Opener, wire: Wire, content: Any) -> None:
    server.will(_stream(_chunk(content=content), STOP))
    got = await collect(connect(wire), HELLO)
    assert got.failure is not None
    assert got.failure.kind is Kind.PROTOCOL


@HABITS
async def test_a_refusal_in_its_own_field(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(_stream(_chunk(refusal="I "), _chunk(refusal="cannot."), STOP))
    got = await collect(connect(wire), HELLO)
    assert (got.parts, got.answer.stop_reason) == ((TextPart("I cannot."),), "refusal")


@HABITS
@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "out of memory", "code": 500}},
        {"error": "out of memory"},
        {"detail": "out of memory"},
        {"message": "out of memory"},
        [{"error": {"message": "out of memory"}}],
    ],
    ids=["object", "text", "detail", "message", "list"],
)
async def test_errors_in_every_form(server: Server, connect: Opener, wire: Wire, error: Any) -> None:
    server.will(Reply(status=500, body=json.dumps(error)))
    if isinstance(error, dict):
        server.will(_stream(TEXT, error))
    provider = connect(wire)
    refused = (await collect(provider, HELLO)).failure
    assert refused is not None
    assert (refused.kind, refused.rejected) == (Kind.SERVER, True)
    assert "out of memory" in refused.message
    if isinstance(error, dict):
        got = await collect(provider, HELLO)
        assert got.failure is not None
        assert (got.failure.kind, got.failure.rejected, got.text) == (Kind.SERVER, False, "ok")
        assert "out of memory" in got.failure.message


@HABITS
async def test_an_error_with_status_200(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(body='{"error": {"message": "model overloaded", "type": "overloaded_error"}}\n'))
    got = await collect(connect(wire), HELLO)
    assert got.failure is not None
    assert got.failure.kind is Kind.OVERLOADED


@pytest.mark.parametrize("wire", [w for w in CHATS if w.kind != "openai"], ids=lambda w: w.name)
async def test_a_server_without_stream_options(server: Server, connect: Opener, wire: Wire) -> None:
    unknown = {"message": "Unrecognized request argument supplied: stream_options"}
    server.will(Reply(status=400, error=unknown, when={"body": "stream_options"}, times=None))
    server.will(Reply(text="ok", times=None))
    provider = connect(wire)
    refused = (await collect(provider, HELLO)).failure
    assert (refused and refused.kind, refused and refused.adapted) == (Kind.BAD_REQUEST, True)
    assert (await collect(provider, HELLO)).text == "ok"
    assert (await collect(provider, HELLO)).text == "ok"
    assert ["stream_options" in r.json for r in server.asked] == [True, False, False]


async def test_without_an_address() -> None:
    with pytest.raises(ConfigFailure, match="base_url"):
        PROVIDER.open(ProviderSettings("work", "openai_compatible"))


async def test_no_key_sends_none(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(COMPATIBLE, api_key="", options={"headers": {"x-title": "ralph"}}), HELLO)
    assert "authorization" not in server.asked[0].headers
    assert server.asked[0].headers["x-title"] == "ralph"


@pytest.mark.parametrize(("how", "sent"), [("json_object", {"type": "json_object"}), ("off", None), (False, None)])
async def test_how_a_shape_is_asked_for(server: Server, connect: Opener, how: Any, sent: Any) -> None:
    server.will(Reply(text="{}"))
    await collect(connect(COMPATIBLE, options={"schema": how}), Request("m", (user("a"),), schema={"type": "object"}))
    assert server.asked[0].json.get("response_format") == sent


@pytest.mark.parametrize(
    ("base_url", "options", "expected"),
    [
        ("http://127.0.0.1:1/v1", {}, (True, True)),
        ("http://localhost:1/v1", {"one_slot": False}, (True, False)),
        ("http://gpu-7:8000/v1", {}, (False, False)),
        ("https://openrouter.ai/api/v1", {"one_slot": True}, (False, True)),
    ],
)
def test_what_the_house_must_know_of_it(base_url: str, options: Any, expected: tuple[bool, bool]) -> None:
    traits = PROVIDER.open(ProviderSettings("x", "openai_compatible", base_url=base_url, options=options)).traits
    assert (traits.local, traits.one_slot) == expected


@pytest.mark.parametrize(
    ("row", "window"),
    [
        ({"context_window": 5}, 5),
        ({"max_model_len": 6}, 6),
        ({"context_length": 7}, 7),
        ({"meta": {"n_ctx_train": 8}}, 8),
        ({"meta": None}, None),
    ],
)
async def test_the_window_by_many_names(server: Server, connect: Opener, row: Any, window: int | None) -> None:
    server.models = ({"id": "m", **row},)
    (model,) = await connect(COMPATIBLE).models()
    assert model.window == window
