"""The rules on any text: they never raise, never invent a tool, and take no time."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ralph import rules
from ralph.rules import (
    calendar_questions,
    conversions,
    file_questions,
    search_questions,
    sums,
    timeline_questions,
)
from ralph.rules.phrases import Phrase
from tests.rules.offline_turn import NAMES, TOOLS
from tests.rules.questions import ANSWERED, UNANSWERED

TODAY = date(2026, 11, 20)
WORDS = sorted({word for q in ANSWERED for word in q.prompt.split()} | {w for p in UNANSWERED for w in p.split()})


@given(st.text(max_size=400))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    found = rules.match(text, NAMES, TODAY)
    assert found is None or found.calls or not found.complete
    assert rules.decide(text, NAMES, TODAY).reason


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_mixture_of_known_words_is_looked_at_without_an_error(text: str) -> None:
    found = rules.match(text, NAMES, TODAY)
    for call in found.calls if found else ():
        assert call.name in NAMES
        assert set(call.arguments) <= set(TOOLS[call.name].spec.schema["properties"])


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.sets(st.sampled_from(NAMES)))
def test_only_offered_tools_are_named(text: str, offered: set[str]) -> None:
    found = rules.match(text, offered, TODAY)
    assert found is None or set(found.tools) <= offered
    assert set(rules.decide(text, offered, TODAY).tools) <= offered


@pytest.mark.parametrize("question", ANSWERED, ids=[q.prompt[:40] for q in ANSWERED])
def test_without_its_tool_a_question_is_not_understood(question: object) -> None:
    found = rules.match(question.prompt, (), TODAY)  # type: ignore[attr-defined]
    assert found is None


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "1+" * 50_000,
        "(" * 50_000,
        "how many lines in " + "a, " * 30_000,
        "what is " + "one " * 20_000,
        "\0\1\2" * 10_000,
        "🦊" * 30_000,
        "is " * 300,
        "percent of " * 90,
        "add " + "and " * 240,
        "'" * 999,
        "a.txt and " * 100,
        "between and " * 80,
        "? " * 450,
        "-" * 1000,
        "1," * 499,
        "5 ft " * 190,
        "find all " * 100,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_no_text_takes_long(text: str) -> None:
    rules.match(text, NAMES, TODAY)  # compiles what it needs
    began = time.process_time()
    for _ in range(5):
        found = rules.match(text, NAMES, TODAY)
        assert found is None or not found.complete
    assert (time.process_time() - began) / 5 < 0.05  # 5 ms are meant; ten times that tells a slow machine from a trap


def test_a_part_that_is_understood_is_a_hint() -> None:
    found = rules.match("read notes.txt and summarise it", NAMES, TODAY)
    assert found is not None
    assert (found.complete, found.calls, found.tools) == (False, (), ("files",))
    assert rules.decide("summarise README.md", NAMES, TODAY).tools == ("files",)


def test_what_no_rule_knows_is_decided_too() -> None:
    decided = rules.decide("what is love?", NAMES, TODAY)
    assert (decided.tools, decided.rounds, decided.reason) == ((), 0, "no rule matched")


def test_the_same_call_is_made_once() -> None:
    found = rules.match("what is 2+2 and what is 2 + 2?", NAMES, TODAY)
    assert found is not None
    assert len(found.calls) == 1


@pytest.mark.parametrize(
    "module",
    [calendar_questions, conversions, file_questions, search_questions, sums, timeline_questions],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_every_phrase_can_be_compiled(module: object) -> None:
    forms = getattr(module, "_FORMS", ())
    phrases = [form if isinstance(form, Phrase) else form[0] for form in forms]
    phrases += [value for value in vars(module).values() if isinstance(value, Phrase)]
    assert phrases
    for phrase in phrases:
        assert phrase.expression.pattern


@settings(max_examples=50)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.sampled_from("+-*"))
def test_every_sum_of_two_integers_is_understood(a: int, b: int, sign: str) -> None:
    found = rules.match(f"what is {a} {sign} {b}?", NAMES, TODAY)
    assert found is not None
    assert found.calls[0].name == "calculate"
