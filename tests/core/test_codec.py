"""Events survive the trip through JSON, and a reader is tolerant."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.errors import Kind, StoreFailure
from ralph.core.llm.messages import PARTS
from ralph.core.llm.usage import Usage
from ralph.core.log import codec
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(options)
    if origin is tuple:
        if options[-1] is Ellipsis:
            return st.lists(_strategy(options[0]), max_size=2).map(tuple)
        return st.tuples(*map(_strategy, options))
    if options and origin is not Mapping and "Mapping" not in str(origin):
        return st.one_of(*[_strategy(o) for o in options])
    if "Mapping" in str(hint):
        values = _strategy(options[1]) if options and options[1] is not Any else _JSON
        return st.dictionaries(_TEXT, values, max_size=2)
    simple = {
        str: _TEXT,
        int: st.integers(0, 2**40),
        float: st.floats(0, 1e6, allow_nan=False),
        bool: st.booleans(),
        type(None): st.none(),
        Kind: st.sampled_from(list(Kind)),
    }
    return simple[hint] if hint in simple else _made(hint)


def _made(cls: Any) -> st.SearchStrategy[Any]:
    assert is_dataclass(cls), cls
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{f.name: _strategy(hints[f.name]) for f in fields(cls)})


EVENTS = st.one_of(*[_made(cls) for cls in ev.EVENTS.values()])


@given(EVENTS)
def test_every_event_comes_back_equal(event: ev.Event) -> None:
    envelope = Envelope("k3f9w2m7qd", 7, 1, "2026-11-20T14:02:11.123456Z", 412.7, event)
    text = codec.dumps(codec.to_json(envelope))
    assert codec.from_json(json.loads(text)) == envelope
    assert codec.dumps(codec.to_json(codec.from_json(json.loads(text)))) == text


def test_the_envelope_is_drawn_as_in_the_contract() -> None:
    event = ev.BlockStarted("1.2", "route")
    made = codec.to_json(Envelope("k3f9w2m7qd", 7, 1, "2026-11-20T14:02:11.123456Z", 412.7, event))
    assert list(made) == ["v", "timeline", "seq", "turn", "at", "ms", "type", "data"]
    assert made["type"] == "block.started"
    assert made["data"] == {"block": "1.2", "kind": "route", "title": "", "parent": None, "copied_from": None}


def test_rerun_says_from_although_python_keeps_the_word() -> None:
    event = ev.TurnStarted("hi", rerun_of=ev.Rerun("k3f9w2m7qd", 2, "tool"))
    assert codec.plain(event)["rerun_of"] == {"timeline": "k3f9w2m7qd", "turn": 2, "from": "tool"}


def test_an_unknown_type_is_kept_as_it_is() -> None:
    data = {
        "v": 1, "timeline": "t", "seq": 1, "turn": 0, "at": "x", "ms": 0.0, "type": "moon.rose", "data": {"full": True}
    }  # fmt: skip
    envelope = codec.from_json(data)
    assert envelope.event == ev.Unknown("moon.rose", {"full": True})
    assert codec.to_json(envelope) == data


def test_unknown_fields_are_left_out_and_missing_ones_take_defaults() -> None:
    event = codec.build(ev.BlockFinished, {"block": "1.2", "status": "ok", "mood": "fine"})
    assert event == ev.BlockFinished("1.2", "ok")


def test_what_is_built_cannot_be_told_from_what_was_constructed() -> None:
    data = {"attempt": "1.1a1", "outcome": "ok", "usage": {"input": 3, "output": 0}, "model": "", "phases": {}}
    built, constructed = codec.build(ev.AttemptFinished, data), ev.AttemptFinished("1.1a1", "ok", usage=Usage(3))
    assert repr(built) == repr(constructed)
    assert hash(built.usage) == hash(constructed.usage)
    assert replace(built, model="m") == replace(constructed, model="m")
    assert codec.plain(built) == codec.plain(constructed)
    assert built.phases is not codec.build(ev.AttemptFinished, {"attempt": "1.1a2", "outcome": "ok"}).phases


def test_a_word_that_a_newer_version_added_is_read() -> None:
    assert codec.build(ev.BlockFinished, {"block": "1.2", "status": "postponed"}).status == "postponed"


def test_a_kind_that_a_newer_version_added_reads_as_internal() -> None:
    data = {"block": "1.2", "status": "failed", "error": {"kind": "meteor", "message": "boom"}}
    assert codec.build(ev.BlockFinished, data).error.kind is Kind.INTERNAL


@pytest.mark.parametrize("broken", [{}, {"v": 1}, {"v": 1, "timeline": 1, "seq": 1, "turn": 1, "at": "", "ms": 0,
                                                   "type": "note", "data": {}}])  # fmt: skip
def test_what_is_no_event_is_a_sentence(broken: dict[str, Any]) -> None:
    with pytest.raises(StoreFailure, match="not an event"):
        codec.from_json(broken)


@pytest.mark.parametrize("field", [{"status": 1}, {"usage": None}, {"usage": 1}, {"cost": []}, {"error": "boom"}])
def test_a_field_of_a_wrong_type_is_a_sentence(field: dict[str, Any]) -> None:
    data = {"v": 1, "timeline": "t", "seq": 1, "turn": 1, "at": "", "ms": 0.0, "type": "block.finished",
            "data": {"block": "1.2", "status": "ok", **field}}  # fmt: skip
    with pytest.raises(StoreFailure, match="not an event"):
        codec.from_json(data)


def test_lone_surrogates_do_not_break_the_log() -> None:
    assert "\ud800" not in codec.dumps({"text": "a\ud800b"})
    codec.dumps({"text": "a\ud800b"}).encode()


def test_parts_are_tagged() -> None:
    assert set(PARTS) == {"text", "thinking", "call", "result"}
