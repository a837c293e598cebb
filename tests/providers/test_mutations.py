"""Mutated answers: whatever a server does to its stream, nothing hangs, raises, is lost, or is made up.

A few of each kind, chosen by a seed; `python -m tests.bench.mutations` runs all of them.
"""

from __future__ import annotations

import json

import pytest

from ralph.core.llm.messages import CallPart, TextPart
from tests.providers.mutated import Bench, Made, faults, judge_all
from tests.wires.mutations import Mutation, sample
from tests.wires.recordings import CLOCK, WEATHER, WIRES, Recording, framed, recordings

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

SEED = 20261128
EACH = 90


@pytest.mark.parametrize("wire", WIRES)
async def test_mutated_answers(wire: str) -> None:
    judged = await judge_all(wire, sample(wire, SEED, EACH))
    assert len(judged) >= EACH
    wrong = [f"{m.kind} {m.where}: {'; '.join(found)} [{made.outcome}]" for m, made, found in judged if found]
    assert wrong == []


@pytest.mark.parametrize("wire", WIRES)
async def test_recordings_as_they_are(wire: str) -> None:
    """All of them are whole, their figures believed, and their calls run as they were sent."""
    bench = Bench(wire)
    for name, recording in recordings(wire).items():
        frames = tuple(framed(wire, event) for event in recording)
        made, wrong = await bench.judge(Mutation("split", name, wire, recording, recording, frames))
        assert (wrong, made.failure) == ([], None), name
        assert made.report.doubtful in (None, {}), name
        assert made.report.usage is not None, name


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("before", [b"", MARK, b" ", b"\n", b": hello\n\n", b"retry: 10\n\n"], ids=repr)
@pytest.mark.parametrize("upper", [False, True])
async def test_a_body_that_ends_in_its_first_event_is_cut(wire: str, before: bytes, upper: bool) -> None:
    """At whichever byte, also in the name of a field and in the mark before it."""
    bench, event = Bench(wire), framed(wire, recordings(wire)["text"][0])
    if upper:
        event = event.replace(b"event:", b"EVENT:").replace(b"data:", b"DATA:")
    body = before + event
    outcomes = {body[:end]: (await bench.feed([body[:end]])).outcome for end in range(len(body) - 1)}
    assert {cut: outcome for cut, outcome in outcomes.items() if outcome != "truncated"} == {}


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("body", [b"<html>", b"event x", b"dates\n", b"Bad gateway"], ids=bytes.decode)
async def test_a_body_of_something_else_is_not_cut(wire: str, body: bytes) -> None:
    made = await Bench(wire).feed([body])
    assert made.outcome == "protocol"


def _edited(recording: Recording, key: str, value: object) -> list[str]:
    """The events as text, with another value under this key wherever it stands."""
    texts = []
    for event in recording:
        made = json.loads(json.dumps(event))
        for holder in [made, *(v for v in made.values() if isinstance(v, dict))]:
            if key in holder:
                holder[key] = value
        texts.append(json.dumps(made))
    return texts


@pytest.mark.parametrize("word", [{}, {"type": None}, {"reason": ""}, [], "", None, False], ids=json.dumps)
@pytest.mark.parametrize("name", ["starts", "document"])
async def test_a_reason_that_says_nothing_is_no_end(name: str, word: object) -> None:
    """Neither stream has another end than its reason."""
    texts = _edited(recordings("anthropic")[name], "stop_reason", word)
    made = await Bench("anthropic").feed([f"data: {text}\n\n".encode() for text in texts])
    assert made.outcome == "truncated"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1.5", "7" * 5000], ids=lambda n: n[:9])
async def test_a_number_among_the_fragments_of_a_call_breaks_it(number: str) -> None:
    """No number was quoted, so none is spliced into a text of the arguments."""
    recording = recordings("anthropic")["calls"]
    at = next(n for n, event in enumerate(recording) if "Pari" in str(event))
    odd = json.dumps({**recording[at], "delta": {"partial_json": "?"}}).replace('"?"', number)
    events = [*recording[: at + 1], odd, *recording[at + 1 :]]
    made = await Bench("anthropic").feed([framed("anthropic", event) for event in events])
    assert made.answer is not None
    weather, clock = (part for part in made.answer.content.parts if isinstance(part, CallPart))
    assert (bool(weather.broken), dict(weather.arguments)) == (True, {})
    assert (clock.broken, dict(clock.arguments)) == ("", {"zone": "CET"})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("completed", "ok tool_calls"), (None, "ok tool_calls"), ("", "ok tool_calls"), ("incomplete", "ok length"),
     ("in_progress", "truncated"), ("queued", "truncated"), ("failed", "server"), ("cancelled", "server")],
)  # fmt: skip
async def test_the_status_of_a_response_in_one_document(status: str | None, outcome: str) -> None:
    """One that could be read has come whole, unless it says that it goes on; its words are kept either way."""
    document = {**recordings("responses")["document"][0], "status": status}
    made = await Bench("responses").feed([json.dumps(document).encode()])
    assert made.outcome == outcome
    assert "Rivers" in made.shown("text")


@pytest.mark.parametrize("empty", ["", None, {}, []], ids=json.dumps)
async def test_empty_arguments_are_none(empty: object) -> None:
    """As decision 001 documents it: a tool without parameters is called in all of these ways."""
    call = {"function": {"name": "clock", "arguments": empty}}
    event = {"model": "m", "message": {"content": "", "tool_calls": [call]}, "done": True, "eval_count": 1}
    made = await Bench("ollama").feed([framed("ollama", event)])
    assert made.answer is not None
    (part,) = made.answer.content.parts
    assert isinstance(part, CallPart)
    assert (part.broken, dict(part.arguments)) == ("", {})


@pytest.mark.parametrize(
    ("wire", "path"),
    [("anthropic", ("usage", "input_tokens")), ("responses", ("usage", "input_tokens")),
     ("chat", ("usage", "prompt_tokens")), ("ollama", ("prompt_eval_count",))],
)  # fmt: skip
async def test_a_doubtful_figure_is_shown_without_halves_of_characters(wire: str, path: tuple[str, ...]) -> None:
    name = "one" if wire == "ollama" else "document"
    (document,) = json.loads(json.dumps(recordings(wire)[name]))
    holder = document if len(path) == 1 else document[path[0]]
    holder[path[-1]] = "\ude00x"
    holder.pop("total_tokens", None)  # it would tell the figure
    made = await Bench(wire).feed([framed(wire, document)])
    assert made.failure is None
    assert (made.report.doubtful or {})["input"] == "\ufffdx"


async def test_half_a_character_before_an_answer_begins_again_is_not_shown_in_it() -> None:
    """The delta ends with a half; the text that the server states in the end has other words and no half."""
    events = [
        {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "delta": "Rivers flow\ud83d"},
        {"type": "response.output_text.done", "item_id": "m", "output_index": 0, "text": "Rivers flew"},
        {"type": "response.completed", "response": {"status": "completed"}},
    ]
    made = await Bench("responses").feed([framed("responses", event) for event in events])
    assert made.answer is not None
    assert (made.shown("text"), made.answer.content.parts) == ("Rivers flew", (TextPart("Rivers flew"),))


def _calls_of(made: Made) -> list[tuple[str, object]]:
    """The calls that run, and "broken" in place of the arguments of those that do not."""
    parts = made.answer.content.parts if made.answer else ()
    return [(p.name, "broken" if p.broken else dict(p.arguments)) for p in parts if isinstance(p, CallPart)]


RUN = [("weather", dict(WEATHER["arguments"])), ("clock", dict(CLOCK["arguments"]))]


@pytest.mark.parametrize("index", ["missing", None, "x", False, -7, 12, {}], ids=json.dumps)
@pytest.mark.parametrize("head", ["weather", "clock"])
async def test_a_call_whose_head_has_another_index_than_its_arguments(head: str, index: object) -> None:
    """It never runs without them."""
    recording = json.loads(json.dumps(recordings("chat")["calls"]))
    call = next(
        e["choices"][0]["delta"]["tool_calls"][0]
        for e in recording
        if isinstance(e, dict) and f'"{head}"' in json.dumps(e)
    )
    call["index"] = index
    if index == "missing":
        del call["index"]
    made = await Bench("chat").feed([framed("chat", event) for event in recording])
    assert sorted(_calls_of(made), key=str) == sorted(RUN, key=str)


@pytest.mark.parametrize(
    ("delta", "arguments"),
    [({"value": {"partial_json": '{"zone":"CET"}'}}, "broken"), ({"type": "new", "json": "{}"}, "broken"),
     ({"type": "input_json_delta"}, {}), ({"type": "input_json_delta", "partial_json": ""}, {}), ({}, {})],
)  # fmt: skip
async def test_a_delta_of_a_call_that_is_not_understood(delta: object, arguments: object) -> None:
    """It may have held the arguments, so the call does not run without any; a delta that says nothing held none."""
    recording = recordings("anthropic")["calls"]
    events = [e for e in recording if not any(part in str(e) for part in ("zone", "CET"))]
    at = next(n for n, event in enumerate(events) if "clock" in str(event))
    odd = {"type": "content_block_delta", "index": 3, "delta": delta}
    made = await Bench("anthropic").feed([framed("anthropic", e) for e in [*events[: at + 1], odd, *events[at + 1 :]]])
    assert _calls_of(made) == [RUN[0], ("clock", arguments)]


async def test_arguments_of_two_calls_that_nobody_can_tell_apart_run_neither() -> None:
    heads = [{"index": 8, "id": "a", "function": {"name": "weather"}},
             {"index": 9, "id": "b", "function": {"name": "clock"}}]  # fmt: skip
    rests = [{"index": n, "function": {"arguments": json.dumps(arguments)}} for n, (_, arguments) in enumerate(RUN)]
    events = [{"choices": [{"delta": {"tool_calls": [call]}}]} for call in (*heads, *rests)]
    made = await Bench("chat").feed([framed("chat", event) for event in [*events, "[DONE]"]])
    assert _calls_of(made)[:2] == [("weather", "broken"), ("clock", "broken")]
    assert {name for name, _ in _calls_of(made)[2:]} == {"unnamed"}


@pytest.mark.parametrize("other", ["call_A", "12", ""])
async def test_an_item_that_begins_after_it_ended_is_no_second_call(other: str) -> None:
    recording = json.loads(json.dumps(recordings("responses")["late"]))
    (began, ended) = (
        next(n for n, e in enumerate(recording) if e["type"] == f"response.output_item.{stage}" and "fc_0" in str(e))
        for stage in ("added", "done")
    )
    recording[ended]["item"]["call_id"] = other or "call_A"
    if not other:
        del recording[began]["item"]["call_id"]
    recording[began], recording[ended] = recording[ended], recording[began]
    made = await Bench("responses").feed([framed("responses", event) for event in recording])
    assert _calls_of(made) == RUN


async def test_a_finished_item_is_not_the_open_one_of_another_id_and_index() -> None:
    """Arguments came before their item began, and another item ended first."""
    recording = recordings("responses")["calls"]
    zone = next(e for e in recording if e["type"].endswith("arguments.delta") and "zone" in e["delta"])
    first = next(n for n, e in enumerate(recording) if "fc_0" in str(e))
    events = [*recording[:first], zone, *(e for e in recording[first:] if e is not zone)]
    weather = next(e for e in events if e["type"] == "response.output_item.done" and "fc_0" in str(e["item"]))
    events = [*events[: first + 1], weather, *(e for e in events[first + 1 :] if e is not weather)]
    made = await Bench("responses").feed([framed("responses", event) for event in events])
    assert sorted(_calls_of(made), key=str) == sorted(RUN, key=str)


SENT = recordings("chat")["text"]
WITH = recordings("chat")["calls"]
BARE = [e for e in WITH if not any(fragment in str(e) for fragment in ("zone", "CET"))]


@pytest.mark.parametrize(
    ("came", "claimed", "told"),
    [
        ([e for e in SENT if "Rivers" not in str(e)], SENT, "lost 'Rivers' of the text"),
        ([*SENT[:2], *SENT[1:]], SENT, "'Rivers' shown 2 times"),
        (SENT, [e for e in SENT if e != "[DONE]" and "'stop'" not in str(e)], "ok without an end"),
        (BARE, WITH, "clock called without its arguments"),
        (SENT, [e for e in SENT if "1201" not in str(e)], "input 1201 was never told"),
    ],
)
async def test_the_judge_is_not_blind(came: Recording, claimed: Recording, told: str) -> None:
    made = await Bench("chat").feed([framed("chat", event) for event in came])
    chunks = tuple(framed("chat", event) for event in claimed)
    assert told in faults(Mutation("drop", "", "chat", SENT, claimed, chunks), made)
