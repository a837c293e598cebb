"""With no key, no server and no network: forty kinds of question are answered, and a hundred others never wrongly."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frozen import FrozenClock
from tests.headless.ask import Home
from tests.rules.questions import ANSWERED, UNANSWERED, Question

TREE = Path(__file__).parents[1] / "rules" / "tree"
FIRST = {question.kind: question for question in reversed(ANSWERED)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """An empty home, no variables, in the fixture directory, on 2026-11-20 in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    made = Home(tmp_path)
    made.clock = FrozenClock()
    shutil.copytree(TREE, made.root, dirs_exist_ok=True)
    yield made
    monkeypatch.undo()
    time.tzset()


async def test_the_question_of_the_readme(home: Home) -> None:
    result = await home.ask("what is 17% of 2340?")
    made = result.json
    assert (result.code, made["status"], made["text"]) == (0, "ok", "17% of 2340 is 397.8.")
    assert [(s["role"], s["status"]) for s in made["steps"]] == [("route", "ok"), ("tool", "ok"), ("format", "ok")]
    (call,) = made["steps"][1]["tools"]
    assert (call["name"], call["status"], call["output"]) == ("calculate", "ok", "397.8")
    for part in (made, *made["steps"]):
        assert part["usage"] == {
            "input": 0, "cache_read": 0, "cache_write": 0, "output": 0, "reasoning": 0, "source": "none"
        }  # fmt: skip
        assert part["cost"] == {"nano_usd": 0, "status": "free"}
    for step in made["steps"]:
        assert (step["provider"], step["model"], step["ttft_ms"], step["attempts"]) == (None, None, None, [])
    assert result.rows() == []


@pytest.mark.parametrize("question", FIRST.values(), ids=FIRST)
async def test_each_kind_of_question_is_answered(home: Home, question: Question) -> None:
    await home.ask("what is 2+2?")  # something for a search of the timelines to find
    result = await home.ask(question.prompt)
    assert result.code == 0, result.err
    if question.kind not in SEARCHED:
        for wanted in question.holds:
            assert re.search(wanted, result.json["text"], re.DOTALL), result.json["text"]
    assert result.json["usage"]["source"] == "none"
    assert result.json["steps"][1]["tools"]


# What these find is in the saved timelines, which are others here than in the rules' own tests.
SEARCHED = {kind for kind in FIRST if "timeline" in kind}


@pytest.mark.parametrize("prompt", UNANSWERED, ids=[p[:50] for p in UNANSWERED])
async def test_what_needs_a_model_is_not_answered(home: Home, prompt: str) -> None:
    result = await home.ask(prompt)
    made = result.json
    assert (result.code, made["error"]["kind"], made["text"]) == (3, "no_model", "")
    assert made["error"]["step"] == "format"
    assert "ralph -m anthropic:" in result.err
    assert "ollama" in result.err
    assert result.rows() == []


def test_there_are_forty_kinds_and_a_hundred_others() -> None:
    assert len(FIRST) >= 40
    assert len(UNANSWERED) >= 100
