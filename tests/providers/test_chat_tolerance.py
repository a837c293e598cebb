"""What servers of the chat wire send beside its form: nothing is lost, invented, or ends in a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import CallPart, user
from ralph.core.llm.request import Request
from tests.providers.chat_streams import STOP, body, call, chunk, document, function, stream
from tests.providers.conftest import Opener
from tests.providers.reads import fold_of
from tests.providers.wires import COMPATIBLE, OPENAI_CHAT, Outcome, Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Server

HELLO = Request("m", (user("hi"),))
WHOLE_MESSAGE = {"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}
TEXT_STOP = chunk("stop", content="a")
PAGE = {"content-type": "text/html"}
SPOKEN = "Use `</think>`, or <think>."
BOTH = pytest.mark.parametrize("wire", [COMPATIBLE, OPENAI_CHAT], ids=lambda w: w.name)
CALC = function("calc", '{"x": 1}')
RAN = [("calc", {"x": 1})]


def first(arguments: Any = None, name: str = "calc") -> dict[str, Any]:
    """The first fragment of a call, with what the next ones are known by."""
    return call(index=0, id="i", function=function(name, arguments))


def rest(arguments: Any) -> dict[str, Any]:
    return call(index=0, function=function(None, arguments))


async def _ask(server: Server, connect: Opener, wire: Wire, reply: Reply, **options: Any) -> Outcome:
    server.will(reply)
    return await collect(connect(wire, options=options), HELLO)


WORDS: dict[str, tuple[Reply, str, str]] = {
    "words and thinking at once": (stream(chunk(content="a", reasoning_content="t"), STOP), "a", "t"),
    "thinking by two names": (stream(chunk(reasoning="u", reasoning_content="t"), chunk(content="a"), STOP), "a", "tu"),
    "thinking said twice": (stream(chunk(reasoning="t", reasoning_content="t"), chunk(content="a"), STOP), "a", "t"),
    "details repeat the thinking": (
        stream(chunk(reasoning="t", reasoning_details=[{"type": "reasoning.text", "text": "t"}]), TEXT_STOP),
        "a",
        "t",
    ),
    "details alone": (
        stream(chunk(reasoning_details=[{"type": "reasoning.summary", "summary": "t"}]), chunk(content="a"), STOP),
        "a",
        "t",
    ),
    "thinking as a list": (stream(chunk(reasoning=["t", {"text": "u"}]), chunk(content="a"), STOP), "a", "tu"),
    "a number": (stream(chunk(content=42), STOP), "42", ""),
    "a list of texts": (stream(chunk(content=["a", "b"]), STOP), "ab", ""),
    "an object with text": (stream(chunk(content={"text": "a"}), STOP), "a", ""),
    "a part without a type": (stream(chunk(content=[{"text": "a"}, {"text": {"value": "b"}}]), STOP), "ab", ""),
    "a part of an unknown type": (stream(chunk(content=[{"type": "words", "text": "a"}]), STOP), "a", ""),
    "a choice in place of a list": (stream({"choices": chunk("stop", content="a")["choices"][0]}), "a", ""),
    "choices by number": (stream({"choices": {"0": chunk("stop", content="a")["choices"][0]}}), "a", ""),
    "text in the second choice": (
        stream({"choices": [{"index": 0, "delta": {}}, {"index": 1, "delta": {"content": "a"}}]}, STOP),
        "a",
        "",
    ),
    "an index as text": (stream({"choices": [{"index": "0", "delta": {"content": "a"}}]}, STOP), "a", ""),
    "a delta that is text": (stream({"choices": [{"delta": "a"}]}, STOP), "a", ""),
    "text of completions": (stream({"choices": [{"text": "a", "finish_reason": "stop"}]}), "a", ""),
    "a message after its fragments": (
        stream(chunk(content="a"), {"choices": [{"message": {"content": "ab"}, "finish_reason": "stop"}]}),
        "ab",
        "",
    ),
    "events in a list": (stream([chunk(content="a"), chunk(content="b")], STOP), "ab", ""),
    "null between": (stream("null", chunk(content="a"), "null", STOP), "a", ""),
    "rubbish after the end": (stream(chunk(content="a"), STOP, "not json", done=False), "a", ""),
    "a document": (document(WHOLE_MESSAGE), "a", ""),
    "a document in lines": (document(WHOLE_MESSAGE, 2), "a", ""),
    "lines of JSON": (Reply(body=body(chunk(content="a"), STOP, done=False).replace("data: ", "")), "a", ""),
    "another type of content": (Reply(body=body(chunk(content="a"), STOP), headers=PAGE), "a", ""),
    "tags": (stream(chunk(content="<thi"), chunk(content="nk>t</think>\n"), chunk(content="\na"), STOP), "a", "t"),
    "a closing tag alone": (stream(chunk(content="t\n</thi"), chunk(content="nk>\n\na"), STOP), "a", "t\n"),
    "a tag that is spoken of": (stream(chunk(content=SPOKEN), STOP), SPOKEN, ""),
    "what began like a tag": (stream(chunk(content="<thi"), STOP), "<thi", ""),
    "NUL": (stream(chunk(content="a\x00b"), STOP), "a\ufffdb", ""),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("name", WORDS)
async def test_words(server: Server, connect: Opener, wire: Wire, name: str) -> None:
    reply, text, thinking = WORDS[name]
    got = await _ask(server, connect, wire, reply)
    parts = {part.type: part.text for part in got.parts if not isinstance(part, CallPart)}  # type: ignore[union-attr]
    assert (parts.get("text", ""), parts.get("thinking", "")) == (text, thinking)
    assert got.answer.stop_reason == "stop"


CALLS: dict[str, tuple[list[Any], list[tuple[str, Any]]]] = {
    "words and a call at once": (
        [chunk(content="a", tool_calls=[{"index": 0, "id": "i", "function": CALC}])],
        RAN,
    ),
    "a call that is no list": ([chunk(tool_calls={"index": 0, "id": "i", "function": CALC})], RAN),
    "the old form": ([chunk(function_call={"name": "calc"}), chunk(function_call={"arguments": '{"x": 1}'})], RAN),
    "all at index 0": (
        [call(index=0, id="i", function=CALC), call(index=0, id="j", function=function("calc", '{"x": 2}'))],
        [("calc", {"x": 1}), ("calc", {"x": 2})],
    ),
    "all at index 0 without ids": (
        [call(index=0, function=CALC), call(index=0, function=function("calc", '{"x": 2}'))],
        [("calc", {"x": 1}), ("calc", {"x": 2})],
    ),
    "a call that is said twice": ([call(index=0, function=CALC), call(index=0, function=CALC)], RAN),
    "an index as text": (
        [call(index="0", id="i", function=function("calc", '{"x":')), rest(" 1}")],
        RAN,
    ),
    "the id on each fragment": (
        [first('{"x":'), first(" 1}")],
        RAN,
    ),
    "the id on each fragment, no index": (
        [call(id="i", function=function("calc", '{"x":')), call(id="i", function=function(None, " 1}"))],
        RAN,
    ),
    "an id that comes late": (
        [call(index=0, function=function("calc", '{"x":')), call(index=0, id="i", function=function(None, " 1}"))],
        RAN,
    ),
    "a name in fragments": (
        [first(name="ca"), call(index=0, function=function("lc")), rest('{"x": 1}')],
        RAN,
    ),
    "a name that grows": (
        [call(index=0, id="i", function=function("ca")), call(index=0, function=function("calc", '{"x": 1}'))],
        RAN,
    ),
    "arguments that grow": (
        [first('{"x"'), rest('{"x": 1}')],
        RAN,
    ),
    "arguments that are repeated": (
        [call(index=0, id="i", function=CALC), call(index=0, id="i", function=function(None, '{"x": 1}'))],
        RAN,
    ),
    "an object after fragments": (
        [first('{"x"'), rest({"x": 1})],
        RAN,
    ),
    "an empty object first": (
        [first("{}"), rest('{"x": 1}')],
        RAN,
    ),
    "text of text": ([first('"{\\"x\\": 1}"')], RAN),
    "no arguments": ([call(index=0, id="i", function={"name": "calc", "arguments": None})], [("calc", {})]),
    "no function": ([call(index=0, id="i", name="calc", arguments='{"x": 1}')], RAN),
    "a whole message after fragments": (
        [first('{"x": 1}'), {"choices": [{"message": {"tool_calls": [{"id": "i", "function": CALC}]}}]}],
        RAN,
    ),
    "broken": ([first('{"x": 1')], [("calc", '{"x": 1')]),
    "a number": ([first(7)], [("calc", "7")]),
    "no name": ([call(index=0, id="i", function=function(None, '{"x": 1}'))], [("unnamed", {"x": 1})]),
    "half a character": ([first('{"x": "\\ud83d"}')], [("calc", {"x": "\ufffd"})]),
    "a character in two": (
        [first('{"x": "\ud83d'), rest('\ude00"}')],
        [("calc", {"x": "\U0001f600"})],
    ),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("name", CALLS)
async def test_calls(server: Server, connect: Opener, wire: Wire, name: str) -> None:
    events, calls = CALLS[name]
    got = await _ask(server, connect, wire, stream(*events, chunk("tool_calls")))
    found = [p for p in got.parts if isinstance(p, CallPart)]
    assert [(p.name, p.broken or dict(p.arguments)) for p in found] == calls
    assert len({p.id for p in found}) == len(found)
    assert got.answer.stop_reason == "tool_calls"
    assert name != "words and a call at once" or got.text == "a"


async def test_calls_with_one_id_are_told_apart(server: Server, connect: Opener) -> None:
    same = [call(index=n, id="i", function=function(f"f{n}", "{}")) for n in range(3)]
    got = await _ask(server, connect, COMPATIBLE, stream(*same, chunk("tool_calls")))
    assert [(i, n) for i, n, _ in got.calls] == [("i", "f0"), ("i_2", "f1"), ("i_3", "f2")]


@BOTH
@pytest.mark.parametrize("finish", ["length", "content_filter", "odd"])
async def test_a_call_that_was_cut_is_no_call(server: Server, connect: Opener, wire: Wire, finish: str) -> None:
    got = await _ask(
        server, connect, wire, stream(call(index=0, id="i", function=function("calc", '{"x":')), chunk(finish))
    )
    assert got.calls == []


@BOTH
@pytest.mark.parametrize(
    ("word", "stop"),
    [
        ("end_turn", "stop"), ("eos", "stop"), ("STOP", "stop"), ("FinishReason.STOP", "stop"),
        ("max_tokens", "length"), ("MAX_TOKENS", "length"), ("model_length", "context"),
        ("SAFETY", "refusal"), ("sensitive", "refusal"),
        ("function_call", "tool_calls"), ("banana", "unknown"), (7, "unknown"),
        ({"type": "stop"}, "stop"), (True, "unknown"),
    ],
    ids=str,
)  # fmt: skip
async def test_reasons_to_end(server: Server, connect: Opener, wire: Wire, word: Any, stop: str) -> None:
    got = await _ask(server, connect, wire, stream(chunk(content="a"), chunk(word)))
    assert (got.text, got.answer.stop_reason) == ("a", stop)
    assert got.answer.word == (str(word) if stop == "unknown" else "")


@BOTH
@pytest.mark.parametrize("word", ["", "null", None, False])
async def test_no_reason_is_no_end(server: Server, connect: Opener, wire: Wire, word: Any) -> None:
    got = await _ask(server, connect, wire, stream(chunk(word, content="a"), done=False))
    assert (got.text, got.failure and got.failure.kind) == ("a", Kind.TRUNCATED)


OOPS = "the card has expired"
FAILURES: dict[str, tuple[Any, Kind]] = {
    "beside choices": ({**chunk("error"), "error": {"code": 429, "message": OOPS}}, Kind.RATE_LIMIT),
    "in a choice": ({"choices": [{"delta": {}, "error": {"code": "401", "message": OOPS}}]}, Kind.AUTH),
    "in a delta": (chunk(error={"status": 402, "message": OOPS}), Kind.BILLING),
    "in a message": ({"choices": [{"message": {"error": {"status_code": 503, "message": OOPS}}}]}, Kind.OVERLOADED),
    "flat": ({"code": 429, "message": OOPS}, Kind.RATE_LIMIT),
    "flat with empty choices": ({"choices": [], "status": 403, "detail": OOPS}, Kind.AUTH),
    "text": ({"error": OOPS}, Kind.SERVER),
    "text with a status beside": ({"error": OOPS, "http_status": 429}, Kind.RATE_LIMIT),
    "text that begins with a status": ({"error": f"429 {OOPS}"}, Kind.RATE_LIMIT),
    "JSON as text": ({"error": '{"error": {"code": 429, "message": "' + OOPS + '"}}'}, Kind.RATE_LIMIT),
    "a list": ({"errors": [{"message": OOPS, "code": 429}]}, Kind.RATE_LIMIT),
    "a code as the error": ({"error": "insufficient_quota", "message": OOPS}, Kind.QUOTA),
    "true": ({"error": True, "message": OOPS, "status": 429}, Kind.RATE_LIMIT),
    "a list of events": ([{"error": {"code": 429, "message": OOPS}}], Kind.RATE_LIMIT),
    "Google's name": ({"error": {"code": 8, "status": "RESOURCE_EXHAUSTED", "message": OOPS}}, Kind.RATE_LIMIT),
    "MiniMax": ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": OOPS}}, Kind.BILLING),
    "a wait": ({"error": {"code": 429.0, "message": OOPS}}, Kind.RATE_LIMIT),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("name", FAILURES)
async def test_failures_inside_a_200(server: Server, connect: Opener, wire: Wire, name: str) -> None:
    event, kind = FAILURES[name]
    got = await _ask(server, connect, wire, stream(chunk(content="a"), event))
    assert got.failure is not None
    assert (got.text, got.failure.kind, got.failure.rejected) == ("a", kind, False)
    assert OOPS in got.failure.message


@BOTH
@pytest.mark.parametrize("indent", [None, 2])
async def test_a_failure_as_a_document(server: Server, connect: Opener, wire: Wire, indent: int | None) -> None:
    error = {"error": {"message": OOPS, "type": "insufficient_quota"}}
    got = await _ask(server, connect, wire, document(error, indent))
    assert got.failure is not None
    assert got.failure.kind is Kind.QUOTA
    assert OOPS in got.failure.message


@BOTH
@pytest.mark.parametrize(
    "empty", [None, "", {}, [], False, 0, {"code": 0, "message": ""}, {"code": 200, "message": "ok"}], ids=str
)
async def test_an_empty_error_is_none(server: Server, connect: Opener, wire: Wire, empty: Any) -> None:
    got = await _ask(server, connect, wire, stream({**chunk(content="a"), "error": empty}, {**STOP, "error": empty}))
    assert (got.text, got.answer.stop_reason) == ("a", "stop")


@BOTH
@pytest.mark.parametrize("word", ["error", "network_error", "insufficient_system_resource"])
async def test_a_reason_that_is_a_failure(server: Server, connect: Opener, wire: Wire, word: str) -> None:
    got = await _ask(server, connect, wire, stream(chunk(content="a"), chunk(word)))
    assert got.failure is not None
    assert got.failure.kind in (Kind.SERVER, Kind.OVERLOADED)
    assert word in got.failure.message
    assert got.text == "a"


ODD = ["5", '"words"', "true", "[1]", '{"foo": 1}', "[" * 3000 + "]" * 3000]


@BOTH
@pytest.mark.parametrize("payload", ODD, ids=["number", "text", "truth", "list", "object", "deep"])
async def test_an_event_that_is_none(server: Server, connect: Opener, wire: Wire, payload: str) -> None:
    got = await _ask(server, connect, wire, stream(payload, done=False))
    assert got.failure is not None
    assert got.failure.kind is Kind.PROTOCOL


RETYPED = [None, True, 5, 1e300, "words", "", [], ["a"], {}, {"a": {"b": 1}}, [[None]]]
FIELDS = ["id", "model", "created", "choices", "usage", "error", "x_groq", "object"]


@pytest.mark.parametrize("field", FIELDS)
async def test_a_field_of_any_type(server: Server, connect: Opener, field: str) -> None:
    """Whatever stands in a field, the words before it are given, and what follows is an answer or a told failure."""
    provider = connect(COMPATIBLE)
    for value in RETYPED:
        server.will(stream(chunk(content="first "), {**chunk(content="second"), field: value}, STOP))
        got = await collect(provider, HELLO)
        assert got.text.startswith("first "), (field, value)
        if got.failure is None:
            assert got.text == "first second" or field == "choices", (field, value)


@pytest.mark.parametrize("field", ["content", "reasoning_content", "tool_calls", "refusal", "role", "function_call"])
async def test_a_field_of_a_delta_of_any_type(server: Server, connect: Opener, field: str) -> None:
    provider = connect(COMPATIBLE)
    for value in RETYPED:
        server.will(stream(chunk(content="first"), chunk(**{field: value}), chunk(content=" last"), STOP))
        got = await collect(provider, HELLO)
        assert got.text.startswith("first"), (field, value)
        assert got.failure is None or got.failure.kind is Kind.PROTOCOL, (field, value)


@BOTH
async def test_halves_of_characters_meet(server: Server, connect: Opener, wire: Wire) -> None:
    halves = [chunk(content="a\ud83d"), chunk(reasoning="t\ud83d"), chunk(content="\ude00b"), chunk(reasoning="x")]
    got = await _ask(server, connect, wire, stream(*halves, chunk(content="\ud83d"), STOP))
    assert (got.text, got.thinking) == ("a\U0001f600b\ufffd", "t\ufffdx")
    assert [p.text for p in got.parts] == ["t\ufffdx", "a\U0001f600b\ufffd"]  # type: ignore[union-attr]


async def test_halves_of_characters_in_everything_else(server: Server, connect: Opener) -> None:
    bad = "x\ud83d"
    usage = {"prompt_tokens": 1, "completion_tokens": 1, bad: bad}
    one = call(index=0, id=bad, function=function(bad, "{}"))
    got = await _ask(
        server, connect, COMPATIBLE, stream({**one, "model": bad}, {**chunk("tool_calls"), "usage": usage})
    )
    assert (got.report.model, got.calls) == ("x\ufffd", [("x\ufffd", "x\ufffd", {})])
    assert got.report.raw_usage == {"prompt_tokens": 1, "completion_tokens": 1, "x\ufffd": "x\ufffd"}
    failed = await _ask(server, connect, COMPATIBLE, stream({"error": bad}))
    assert failed.failure is not None
    failed.failure.message.encode()


@BOTH
async def test_tags_are_text_where_the_person_wants_it(server: Server, connect: Opener, wire: Wire) -> None:
    got = await _ask(server, connect, wire, stream(chunk(content="<think>t</think>a"), STOP), think_tags="off")
    assert (got.text, got.thinking) == ("<think>t</think>a", "")


WHOLE = body(
    {"model": "m", **chunk(role="assistant", content="")},
    chunk(reasoning_content="Hm: é"),
    chunk(content="Fine \ud83d"),
    chunk(content="\ude00 and </think> is spoken of"),
    call(index=0, id="i", function=function("calc", '{"x":')),
    call(index=0, function=function(None, ' "ü"}')),
    {**chunk("tool_calls"), "usage": {"prompt_tokens": 7, "completion_tokens": 5}},
)  # fmt: skip
TAGGED = body(chunk(content="<think>one "), chunk(content="two</think>\n\nthe "), chunk(content="end"), STOP)
SEEN = [WHOLE, TAGGED, WHOLE.replace("\n", "\r\n"), TAGGED.replace("\n", "\r"), WHOLE.replace("\n\n", "\n")]


@pytest.mark.parametrize("text", SEEN, ids=["whole", "tagged", "CR LF", "CR", "no blank lines"])
async def test_reads_may_cut_it_anywhere(text: str) -> None:
    """The same answer, wherever one network read ends and the next begins."""
    data = text.encode()
    whole = await fold_of([data])
    assert whole[-1] is None
    for place in range(1, len(data)):
        assert await fold_of([data[:place], data[place:]]) == whole
    assert await fold_of([data[n : n + 1] for n in range(len(data))]) == whole


@pytest.mark.parametrize("text", SEEN[:2], ids=["whole", "tagged"])
async def test_the_end_may_come_anywhere(text: str) -> None:
    """What came until then is given, and never more; before the finish it is never a whole answer."""
    data = text.encode()
    said = (await fold_of([data]))[0]
    for place in range(len(data)):
        seen, _, failure = await fold_of([data[:place]])
        assert failure in (None, Kind.TRUNCATED)
        assert all(said[channel].startswith(seen[channel].rstrip("\ufffd")) for channel in seen), place
        assert failure is not None or b'"finish_reason": "' in data[:place]
