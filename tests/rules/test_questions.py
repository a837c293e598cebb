"""What ralph answers without a model, and that it answers nothing else."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.core.errors import Kind, ProviderFailure
from tests.rules.near_misses import NEAR_MISSES
from tests.rules.offline_turn import take
from tests.rules.questions import ANSWERED, UNANSWERED, Question

TREE = Path(__file__).parent / "tree"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The fixture directory with what may not be read beside it."""
    root = tmp_path / "tree"
    shutil.copytree(TREE, root)
    (root / ".env").write_text("SECRET=lamp\n", encoding="utf-8")
    (root / "server.pem").write_text("lamp TODO\n", encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("question", ANSWERED, ids=[q.prompt[:50] for q in ANSWERED])
async def test_a_question_that_needs_no_model_is_answered(question: Question, tree: Path) -> None:
    turn = await take(question.prompt, tree)
    assert turn.decision.tools == tuple(dict.fromkeys(c.name for c in turn.calls))
    for wanted in question.holds:
        assert re.search(wanted, turn.text, re.DOTALL), turn.text
    assert "SECRET" not in turn.text
    assert "- server.pem" not in turn.text


@pytest.mark.parametrize("prompt", [*UNANSWERED, *NEAR_MISSES], ids=lambda prompt: prompt[:50])
async def test_a_question_that_needs_a_model_is_not_answered(prompt: str, tree: Path) -> None:
    with pytest.raises(ProviderFailure) as failed:
        await take(prompt, tree)
    assert failed.value.kind is Kind.NO_MODEL
    assert failed.value.rejected
    assert "ralph -m" in failed.value.message


def test_there_are_many_kinds_and_many_traps() -> None:
    assert len({q.kind for q in ANSWERED}) >= 40
    assert len(set(UNANSWERED)) >= 100


async def test_a_failed_tool_is_told_as_it_is(tree: Path) -> None:
    turn = await take("what is 1/0, and what is 2 + 2?", tree)
    assert "by zero" in turn.text
    assert "2 + 2 is 4." in turn.text


async def test_the_current_timeline_is_not_found_in_itself(tree: Path) -> None:
    turn = await take("search my timelines for budget", tree)
    assert "k3f9w2m7qd" in turn.text
    assert "t000000001" not in turn.text
