"""What every wire must do alike: answers, usage to the token, failures by kind, and a stop that closes the stream."""

from __future__ import annotations

import asyncio
import gc
from contextlib import aclosing
from typing import Any

import pytest

from ralph.core.errors import ConfigFailure, Kind, ProviderFailure
from ralph.core.llm.messages import CallPart, TextPart, ThinkingPart, user
from ralph.core.llm.request import Piece, Request, ToolSpec
from ralph.core.llm.usage import Usage
from tests.providers.conftest import Opener
from tests.providers.wires import ANTHROPICS, BOTH_RESPONSES, OLLAMA, WIRES, Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Server

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

HELLO = Request("model-1", (user("hi"),))
WEATHER = ToolSpec("weather", "the weather", {"type": "object", "properties": {"city": {"type": "string"}}})
ALL = pytest.mark.parametrize("wire", WIRES, ids=lambda w: w.name)


@ALL
async def test_a_full_answer(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(
        Reply(
            thinking=("I ", "think."),
            signature="c2ln",
            text=("Hé", "llo"),
            calls=(
                {"name": "weather", "arguments": {"city": "Paris"}, "id": "c1"},
                {"name": "weather", "arguments": {"city": "Rom"}, "id": "c2"},
            ),
            usage={"input": 100, "output": 20},
            model="model-1-2026",
        )
    )
    got = await collect(connect(wire), HELLO)
    assert (got.thinking, got.text, got.answer.stop_reason) == ("I think.", "Héllo", "tool_calls")
    assert got.parts[:2] == (ThinkingPart("I think."), TextPart("Héllo"))
    assert got.calls == [("c1", "weather", {"city": "Paris"}), ("c2", "weather", {"city": "Rom"})]
    assert got.usage == Usage(100, 0, 0, 20, 0, "reported")
    assert got.report.model == "model-1-2026"
    assert server.asked[0].json["model"] == "model-1"
    assert server.asked[0].json["stream"] is True


@ALL
async def test_usage_to_the_token(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(
        Reply(text="a", usage={"input": 100, "cache_read": 60, "cache_write": 10, "output": 20, "reasoning": 5})
    )
    got = await collect(connect(wire), HELLO)
    whole = Usage(100, 60, 10, 20, 5, "reported")
    assert got.usage == (Usage(100, 0, 0, 20, 0, "reported") if wire is OLLAMA else whole)
    assert got.report.raw_usage


REFUSALS: list[tuple[str, dict[str, Any], Kind]] = [
    ("key", {"status": 401}, Kind.AUTH),
    ("right", {"status": 403}, Kind.AUTH),
    ("credit", {"status": 402}, Kind.BILLING),
    ("model", {"status": 404, "error": {"message": "model 'model-1' not found"}}, Kind.UNKNOWN_MODEL),
    ("retired", {"status": 404, "error": {"message": "the model model-1 has been retired"}}, Kind.RETIRED_MODEL),
    ("path", {"status": 404, "error": {"message": "not found"}}, Kind.BAD_REQUEST),
    ("slow down", {"status": 429}, Kind.RATE_LIMIT),
    ("bad", {"status": 400}, Kind.BAD_REQUEST),
    ("long", {"status": 400, "error": {"message": "prompt is too long: 9 tokens > 8 maximum"}}, Kind.CONTEXT_LENGTH),
    ("large", {"status": 413}, Kind.CONTEXT_LENGTH),
    ("broken", {"status": 500}, Kind.SERVER),
    ("gateway", {"status": 502, "body": "<html><h1>Bad gateway</h1></html>"}, Kind.SERVER),
    ("away", {"status": 503}, Kind.OVERLOADED),
    ("overloaded", {"status": 529}, Kind.OVERLOADED),
    ("text", {"status": 500, "body": "out of memory"}, Kind.SERVER),
]


@ALL
@pytest.mark.parametrize(("reply", "kind"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
async def test_a_refused_request(
    server: Server, connect: Opener, wire: Wire, reply: dict[str, Any], kind: Kind
) -> None:
    server.will(Reply(**reply, headers={"request-id": "req_7", "x-request-id": "req_7"}))
    got = await collect(connect(wire), HELLO)
    failure = got.failure
    assert failure is not None
    assert (failure.kind, failure.rejected, failure.request_id) == (kind, True, "req_7")
    assert str(reply["status"]) in failure.message
    assert wire.kind in failure.message
    assert "127.0.0.1" in failure.message
    assert "<" not in failure.message
    assert got.items == []
    assert len(server.asked) == 1  # no retry that nobody sees


@ALL
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "9", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Fri, 01 Jan 2021 00:00:00 GMT"}, 0.0),
        ({}, None),
    ],
    ids=["seconds", "ms", "date", "none"],
)
async def test_how_long_to_wait(
    server: Server, connect: Opener, wire: Wire, headers: dict[str, str], seconds: float | None
) -> None:
    server.will(Reply(status=429, headers=headers))
    got = await collect(connect(wire), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.retry_after_s) == (Kind.RATE_LIMIT, seconds)


FAULTS: list[tuple[str, dict[str, Any], Kind, str]] = [
    ("cut", {"fault": "cut", "after": 2}, Kind.NETWORK, "ab"),
    ("cut at the end", {"fault": "cut", "after": 3}, Kind.NETWORK, "abc"),
    ("clean end", {"fault": "cut_clean", "after": 2}, Kind.TRUNCATED, "ab"),
    ("clean end of a closed body", {"fault": "cut_clean", "after": 2, "framing": "close"}, Kind.TRUNCATED, "ab"),
    ("empty body", {"fault": "empty_body"}, Kind.TRUNCATED, ""),
    ("bad json", {"fault": "bad_json", "after": 1}, Kind.PROTOCOL, "a"),
    ("bad utf-8", {"fault": "bad_utf8", "after": 1}, Kind.PROTOCOL, "a"),
    ("web page", {"fault": "html"}, Kind.PROTOCOL, ""),
    ("web page as a stream", {"body": "<html>\n<p>hi\n"}, Kind.PROTOCOL, ""),
    ("no answer", {"fault": "stall_headers"}, Kind.TIMEOUT, ""),
    ("no first token", {"fault": "stall", "after": 0}, Kind.TIMEOUT, ""),
    ("silence", {"fault": "stall", "after": 1}, Kind.TIMEOUT, "a"),
    ("reset", {"fault": "reset"}, Kind.NETWORK, ""),
]


@ALL
@pytest.mark.parametrize(("name", "reply", "kind", "text"), FAULTS, ids=[f[0] for f in FAULTS])
async def test_a_broken_answer(
    server: Server, connect: Opener, wire: Wire, name: str, reply: dict[str, Any], kind: Kind, text: str
) -> None:
    server.will(Reply(text=("a", "b", "c"), **reply))
    # Short clocks only where they are to run out: a busy machine must not make a timeout of anything else.
    clocks = {"no answer": (0.05, 60), "no first token": (0.05, 60), "silence": (60, 0.05)}
    first_token_s, idle_s = clocks.get(name, (60, 60))
    got = await collect(connect(wire, first_token_s=first_token_s, idle_s=idle_s), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.text, got.failure.rejected) == (kind, text, False)
    assert wire.kind in got.failure.message


@ALL
async def test_what_breaks_after_the_end_breaks_nothing(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text=("a", "b"), fault="cut", after=9))
    assert (await collect(connect(wire), HELLO)).answer.content.parts == (TextPart("ab"),)


@ALL
async def test_an_error_in_mid_stream(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text=("a", "b"), fault="error_event", after=1))
    got = await collect(connect(wire), HELLO)
    assert got.failure is not None
    kind = Kind.OVERLOADED if wire in ANTHROPICS else Kind.SERVER
    assert (got.failure.kind, got.failure.rejected, got.text) == (kind, False, "a")
    assert "scripted failure" in got.failure.message


@ALL
@pytest.mark.parametrize(
    "shape",
    [
        {"writes": "byte"},
        {"writes": "all"},
        {"crlf": True},
        {"comments": True},
        {"framing": "close"},
        {"writes": "byte", "crlf": True},
    ],
    ids=str,
)
async def test_the_same_answer_however_it_is_cut(
    server: Server, connect: Opener, wire: Wire, shape: dict[str, Any]
) -> None:
    if wire is OLLAMA and "comments" in shape:
        pytest.skip("lines of JSON have no comments")
    server.will(Reply(text=("Hé", "llo €"), usage={"input": 3, "output": 2}, **shape))
    got = await collect(connect(wire), HELLO)
    assert got.answer.content.parts == (TextPart("Héllo €"),)
    assert got.usage == Usage(3, 0, 0, 2, 0, "reported")
    if shape.get("writes") == "all":
        assert [i for i in got.items if isinstance(i, Piece)] == [Piece("text", "Héllo €")]  # one piece a read


@ALL
async def test_an_empty_answer_is_an_answer(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(usage={"input": 3, "output": 1}))
    got = await collect(connect(wire), HELLO)
    assert (got.answer.stop_reason, got.parts) == ("stop", ())


@ALL
async def test_the_output_limit_is_an_answer(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text="abc", stop="length", calls=({"name": "weather", "arguments": '{"city": "Par'},)))
    if wire is OLLAMA:  # there a call comes whole, or not at all
        server.script.clear()
        server.will(Reply(text="abc", stop="length"))
    got = await collect(connect(wire), HELLO)
    assert (got.answer.stop_reason, got.parts, got.opaque) == ("length", (TextPart("abc"),), None)


@pytest.mark.parametrize("wire", [w for w in WIRES if w is not OLLAMA], ids=lambda w: w.name)
async def test_a_refusal_keeps_what_came(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text="I will", stop="refusal"))
    got = await collect(connect(wire), HELLO)
    assert (got.answer.stop_reason, got.parts, got.opaque) == ("refusal", (TextPart("I will"),), None)


@ALL
@pytest.mark.parametrize("arguments", ['{"city": ', '"Paris"', "[1]"])
async def test_a_call_that_is_no_object_is_never_run(
    server: Server, connect: Opener, wire: Wire, arguments: str
) -> None:
    server.will(Reply(text="a", calls=({"name": "weather", "arguments": arguments},)))
    got = await collect(connect(wire), HELLO)
    assert got.parts[0] == TextPart("a")
    (call,) = [p for p in got.parts if isinstance(p, CallPart)]
    assert (call.name, call.arguments, call.broken.strip('"')) == ("weather", {}, arguments.strip('"'))


@ALL
async def test_a_stop_closes_the_stream(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text=("a", "b"), fault="stall", after=1))
    provider = connect(wire)

    async def read() -> None:
        async with aclosing(provider.stream(HELLO)) as items:  # type: ignore[type-var]
            async for item in items:
                if isinstance(item, Piece):
                    first.set()

    first = asyncio.Event()
    task = asyncio.ensure_future(read())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.asked[0].finished)
    assert server.asked[0].closed_early


@ALL
async def test_leaving_the_stream_closes_it(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text=("a", "b", "c"), fault="stall", after=2))
    async with aclosing(connect(wire).stream(HELLO)) as items:  # type: ignore[type-var]
        async for item in items:
            if isinstance(item, Piece):
                break
    await server.until(lambda: server.asked[0].finished)
    assert server.asked[0].closed_early


@ALL
async def test_a_stop_before_the_answer(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(fault="stall_headers"))
    task = asyncio.ensure_future(collect(connect(wire), HELLO))
    await server.until(lambda: len(server.asked) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.asked[0].finished)
    assert server.asked[0].closed_early


@ALL
async def test_nobody_there(server: Server, connect: Opener, wire: Wire, unused_tcp_port: int) -> None:
    provider = connect(wire, base_url=f"http://127.0.0.1:{unused_tcp_port}{wire.root}")
    got = await collect(provider, HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.rejected) == (Kind.NETWORK, True)
    assert str(unused_tcp_port) in got.failure.message


@ALL
async def test_no_key_in_any_failure(server: Server, connect: Opener, wire: Wire) -> None:
    words = "Incorrect API key provided: secret-key-1, nor sk-live-abcdefghij " + "x" * 400
    server.will(Reply(status=401, error={"message": words}))
    got = await collect(connect(wire), HELLO)
    assert got.failure is not None
    assert "secret-key-1" not in repr(got.failure)
    assert "abcdefghij" not in repr(got.failure)
    assert len(got.failure.message) < 460


@ALL
@pytest.mark.parametrize("key", ["broken\nkey", "schlüssel"])
def test_a_key_that_no_header_can_hold(wire: Wire, key: str) -> None:
    with pytest.raises(ConfigFailure) as caught:
        wire.open(Server(), base_url=f"http://127.0.0.1:9{wire.root}", api_key=key)
    assert caught.value.message.startswith(f"providers.{wire.kind}.api_key contains ")
    assert key not in caught.value.message


@ALL
def test_a_proxy_that_cannot_be_used(wire: Wire) -> None:
    with pytest.raises(ConfigFailure) as caught:
        wire.open(Server(), base_url=f"http://elsewhere.invalid{wire.root}", environ={"ALL_PROXY": "nonsense://x"})
    assert caught.value.message.startswith("ALL_PROXY ")


@ALL
async def test_the_connection_is_used_again(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text="a", times=3))
    provider = connect(wire)
    for _ in range(3):
        assert (await collect(provider, HELLO)).text == "a"
    assert len({r.client for r in server.asked}) == 1


@ALL
async def test_two_streams_at_once(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text=("a", "b"), times=2))
    provider = connect(wire)
    both = await asyncio.gather(collect(provider, HELLO), collect(provider, HELLO))
    assert [o.text for o in both] == ["ab", "ab"]


@ALL
async def test_the_settings_are_kept_out_of_a_repr(server: Server, connect: Opener, wire: Wire) -> None:
    provider = connect(wire)
    assert "secret-key-1" not in repr(provider)
    assert provider.name == wire.kind
    assert provider.traits.local


@ALL
async def test_the_models_that_it_lists(server: Server, connect: Opener, wire: Wire) -> None:
    listed = await connect(wire).models()
    assert [m.name for m in listed] == ["model-1"]
    # Ollama's is the one that is asked for.
    assert listed[0].window == (131_072 if wire in ANTHROPICS else 16_384 if wire is OLLAMA else None)


@ALL
async def test_a_list_that_is_refused(server: Server, connect: Opener, wire: Wire) -> None:
    path = "/api/tags" if wire is OLLAMA else "/v1/models"
    server.will(Reply(status=401, when={"path": path}))
    with pytest.raises(ProviderFailure) as caught:
        await connect(wire).models()
    assert caught.value.kind is Kind.AUTH


@ALL
async def test_warming_asks_no_model(server: Server, connect: Opener, wire: Wire) -> None:
    provider = connect(wire)
    await asyncio.gather(provider.warm(), provider.warm())
    assert server.asked == []
    assert all(r.method == "GET" for r in server.requests)


@ALL
async def test_half_a_character_does_not_break_a_request(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text="a"))
    got = await collect(connect(wire), Request("model-1", (user("bad \udcff byte"),)))
    assert got.text == "a"


@ALL
async def test_nothing_is_left_behind(server: Server, connect: Opener, wire: Wire) -> None:
    """No task, no open generator: warnings are errors here, and the collector would raise them."""
    server.will(Reply(text="a"), Reply(text=("a", "b"), fault="cut", after=1))
    provider = connect(wire)
    before = asyncio.all_tasks()
    await collect(provider, HELLO)
    await collect(provider, HELLO)
    gc.collect()
    mine = {t for t in asyncio.all_tasks() - before if "Server._serve" not in repr(t) and "StreamReader" not in repr(t)}
    assert mine == set()


@pytest.mark.parametrize("wire", [w for w in WIRES if w is not OLLAMA], ids=lambda w: w.name)
@pytest.mark.parametrize("choice", ["auto", "none", "required"])
async def test_whether_tools_may_be_called(server: Server, connect: Opener, wire: Wire, choice: Any) -> None:
    server.will(Reply(text="a"))
    await collect(connect(wire), Request("m", (user("hi"),), tools=(WEATHER,), tool_choice=choice))
    sent = server.asked[0].json
    assert len(sent["tools"]) == 1
    words = {"required": "any"} if wire in ANTHROPICS else {}
    expected = words.get(choice, choice)
    assert sent["tool_choice"] == ({"type": expected} if wire in ANTHROPICS else expected)


SCHEMA = {
    "type": "object",
    "properties": {"maxLength": {"type": "string", "maxLength": 5}, "n": {"type": "integer", "maximum": 8}},
    "required": ["maxLength", "n"],
    "additionalProperties": False,
}


@ALL
async def test_an_answer_of_a_shape(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text='{"n":1}'))
    await collect(connect(wire), Request("m", (user("hi"),), role="route", schema=SCHEMA))
    sent = server.asked[0].json
    no_lengths = {**SCHEMA, "properties": {"maxLength": {"type": "string"}, "n": {"type": "integer", "maximum": 8}}}
    no_bounds = {**SCHEMA, "properties": {"maxLength": {"type": "string"}, "n": {"type": "integer"}}}
    strict = {"name": "route", "strict": True}
    if wire in ANTHROPICS:
        assert sent["output_config"] == {"format": {"type": "json_schema", "schema": no_bounds}}
    elif wire in BOTH_RESPONSES:
        assert sent["text"] == {"format": {"type": "json_schema", **strict, "schema": no_lengths}}
    elif wire is OLLAMA:
        assert sent["format"] == SCHEMA
    else:
        kept = SCHEMA if wire.kind in ("openai_compatible", "openai") else no_lengths
        assert sent["response_format"] == {"type": "json_schema", "json_schema": {**strict, "schema": kept}}
