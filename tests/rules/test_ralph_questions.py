"""Questions about ralph in people's own words: each is answered by its section, and nothing else is answered."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ralph import rules
from ralph.rules import guide_index, guide_names, guide_pages, topics
from ralph.rules.guide_settings import read_settings
from ralph.rules.guide_words import read, stem
from tests.rules.offline_turn import NAMES, take

TODAY = date(2026, 11, 20)
HERE = Path(__file__).parent


def by_heading() -> Iterator[tuple[str, str]]:
    heading = ""
    for line in (HERE / "asked_of_ralph.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            heading = line[2:]
        else:
            yield line, heading


ASKED = tuple(by_heading())
OTHERS = tuple((HERE / "asked_of_others.txt").read_text(encoding="utf-8").splitlines())


def sections_of(question: str, *, talking: bool = False) -> str:
    """The headings or names that the rules look up for it; nothing where a model is needed."""
    found = rules.match(question, NAMES, TODAY, talking=talking)
    if not found or not found.complete:
        return ""
    assert found.tools == ("guides",), question
    return ", ".join(call.arguments["query"] for call in found.calls)


def test_there_are_many_of_each() -> None:
    assert len({question for question, _ in ASKED}) >= 500
    assert len(set(OTHERS)) >= 500
    assert len({heading for _, heading in ASKED}) >= 90


def test_each_question_is_answered_by_its_section() -> None:
    wrong = [(q, heading, found) for q, heading in ASKED if (found := sections_of(q)) != heading]
    assert not wrong


def test_each_wording_of_the_guide_is_of_one_section() -> None:
    """A person who asks with the very words of a heading gets that section, if the question names ralph."""
    asked = [(f"ralph, {s.heading}", s.heading) for s in guide_pages.questions()]
    assert not [(q, heading, found) for q, heading in asked if (found := sections_of(q)) != heading]


def test_what_is_not_about_ralph_is_not_answered() -> None:
    answered = [q for q in OTHERS if (found := rules.match(q, NAMES, TODAY)) and found.complete]
    assert not answered


def test_a_few_words_that_may_stand_alone_are_answered_by_their_section() -> None:
    alone = [(said, s.heading) for s in guide_pages.questions() for said in s.alone]
    assert len(alone) >= 400
    assert not [(said, heading, found) for said, heading in alone if (found := sections_of(said)) != heading]
    assert not [said for said, _ in alone if sections_of(said, talking=True) and not topics.names_ralph(said)]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("how do I swicth the model?", "how do I switch the model?"),
        ("how do I delte a converstation?", "how do I delete a conversation?"),
        ("does ralph run localy w/o a cloud?", "does ralph run locally without a cloud?"),
        ("can u see my histroy", "can you see my history"),
        ("why dont you answer", "why don't you answer"),
        ("redo that with gpt-5-mini", "redo that with gpt"),
    ],
)
def test_a_slip_of_the_fingers_and_the_spelling_of_chats_are_understood(slip: str, meant: str) -> None:
    assert read(slip) == read(meant)


@pytest.mark.parametrize(
    "word", ["planet", "customs", "exist", "county", "provide", "modes", "massage", "mission", "sever", "router"]
)
def test_another_word_is_no_slip(word: str) -> None:
    """Each differs by one letter from a word that means something to ralph."""
    assert stem(word) in read(f"what about a {word} here").concepts or not read(word).concepts


@pytest.mark.parametrize(
    "question",
    ["how do I call my friend ralph?", "who is ralph waldo emerson?", "is my code right: print(model)", "x = timeline"],
)
def test_another_ralph_and_a_piece_of_code_are_not_ralph(question: str) -> None:
    assert not sections_of(question)


async def test_the_answer_shows_the_section_its_guide_and_related_commands(tmp_path: Path) -> None:
    turn = await take("how do I quit?", tmp_path)
    assert turn.text.startswith("**How do I quit ralph?**")
    assert "`/quit` stops what runs" in turn.text
    assert "Related: `/quit` (stop what is running, and quit)" in turn.text
    assert "From the guide “Questions and answers”." in turn.text


@pytest.mark.parametrize("question", ["how do I stop it?", "how do I quit?", "can I get the answer as JSON?"])
def test_in_a_conversation_a_question_must_name_ralph(question: str) -> None:
    assert sections_of(question)
    assert not sections_of(question, talking=True)
    hint = rules.match(f"{question}", NAMES, TODAY, talking=True)
    assert hint is None or not hint.complete
    assert sections_of(f"ralph, {question}", talking=True)


@pytest.mark.parametrize(
    "question",
    [
        "how do I delete a timeline?",
        "how do I quit this program?",
        "what does /pin do?",
        "which slash commands are there?",
    ],
)
def test_what_only_ralph_has_names_it(question: str) -> None:
    assert sections_of(question, talking=True)


@pytest.mark.parametrize(
    ("question", "looked_up"),
    [
        ("what does /pin do?", "/pin"),
        ("what's the difference between /retry and /rewind?", "/retry, /rewind"),
        ("what does Ctrl+O do?", "ctrl+o"),
        ("what does retry.deadline_s do?", "retry.deadline_s"),
        ("what does max_tool_rounds mean?", "pipeline.max_tool_rounds"),
        ("what is --max-cost?", "--max-cost"),
    ],
)
def test_what_has_a_name_is_looked_up_by_it(question: str, looked_up: str) -> None:
    assert sections_of(question) == looked_up


@pytest.mark.parametrize("question", ["what does /nope do?", "what does Ctrl+Shift+Q do?", "what does a.b.c do?"])
def test_a_name_that_ralph_does_not_have_is_not_answered(question: str) -> None:
    assert not sections_of(question)


def test_a_setting_has_its_default_and_its_whole_comment() -> None:
    found = read_settings("retry:\n  deadline_s: 120  # one clock\n                   # over all waits\nprices: {}\n")
    assert (found["retry.deadline_s"].default, found["retry.deadline_s"].comment) == ("120", "one clock over all waits")
    assert "prices" in found


def test_a_question_about_something_else_is_decided_at_once() -> None:
    """5 ms are meant, also for the first question of a process; ten times that tells a slow machine from a mistake."""
    for cached in (guide_pages.questions, guide_index.guide_index, guide_names.default_keys):
        cached.cache_clear()
    began = time.process_time()
    assert topics.match("why is the sky blue") is None
    assert time.process_time() - began < 0.05


def test_what_the_guide_names_is_there() -> None:
    """Each slash command that an answer names has a file."""
    known = {f.stem for f in (Path(topics.__file__).parents[1] / "commands").glob("*.py")}
    named = {n for s in guide_pages.questions() for n in re.findall(r"`/([a-z]+)[ `]", s.text)}
    assert named - known <= {"clear", "cost", "exit"}  # aliases


def test_the_way_to_connect_and_the_place_of_a_key_are_the_ones_of_the_program() -> None:
    """The two questions of the first minute name what `/connect` does."""
    told = {s.heading: s.text for s in guide_pages.questions()}
    assert "`/connect`" in told["How do I connect a model?"]
    assert "no restart" in told["How do I connect a model?"]
    for name in ("`/connect`", "`keys.yaml`", "`/connect rm anthropic`", "`ralph keys`"):
        assert name in told["Where is my API key kept?"], name
