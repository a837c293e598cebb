"""How long something is before it is drawn; and of a question that is very long, only what is seen is wrapped."""

from __future__ import annotations

import pytest

from ralph.tui.brush import Brush
from ralph.tui.markdown.parts import split
from ralph.tui.timeline.answers import AnswerDrawing
from ralph.tui.timeline.blocks import QUESTION_LINES, UserDrawing
from ralph.tui.timeline.fold_state import FoldState
from tests.tui.see import brush, plain
from tests.tui.test_reader import ANSWERS

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

AT = "2026-11-20T14:02:11.123456Z"
MANY = "\n".join(f"line {n} of what was pasted" for n in range(40_000))
HIDDEN = "\u200b" * 9000  # takes no room at all


def asked(prompt: str, *, details: bool = False) -> UserDrawing:
    return UserDrawing(1, AT, prompt, "", FoldState(details=details))


@pytest.mark.parametrize("kind", ["prose", "cjk", "code", "list"])
@pytest.mark.parametrize("width", [60, 100])
def test_a_guess_is_near_what_is_drawn(kind: str, width: int) -> None:
    parts = [AnswerDrawing(part) for part in split(ANSWERS[kind])]
    guessed = sum(part.guess(width) for part in parts)
    drawn = sum(len(part.draw(brush(), width)) for part in parts)
    assert 0.8 * drawn < guessed < 1.2 * drawn


@pytest.mark.parametrize(
    "prompt", [MANY, "word " * 200_000, "日本" * 200_000, "\n\n" + MANY], ids=["lines", "words", "cjk", "blank"]
)
def test_the_first_lines_of_a_very_long_question_are_those_of_all_of_it(
    prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped: list[int] = []
    text = Brush.text

    def counted(self: Brush, words: str, *args: object) -> object:
        wrapped.append(len(words))
        return text(self, words, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Brush, "text", counted)
    folded = plain(asked(prompt).draw(brush(), 100))
    assert sum(wrapped) < 10_000
    whole = plain(asked(prompt[:50_000], details=True).draw(brush(), 100))
    assert folded[:QUESTION_LINES] == whole[:QUESTION_LINES]
    assert len(folded) == QUESTION_LINES + 1
    assert "… about " in folded[-1]


def test_how_much_more_there_is() -> None:
    few = "\n".join(f"line {n}" for n in range(40))
    assert plain(asked(few).draw(brush(), 100))[-1] == "   … 29 more lines, Ctrl+O"
    more = plain(asked(MANY).draw(brush(), 100))[-1].removeprefix("   … about ").removesuffix(" more lines, Ctrl+O")
    assert abs(int(more.replace(",", "")) - 39_989) < 100


def test_what_cannot_be_seen_fills_no_line() -> None:
    shown = plain(asked(f"{HIDDEN}the question itself").draw(brush(), 100))
    assert "the question itself" in shown[1]
    assert len(shown) == 2


def test_a_question_that_just_fits_is_whole() -> None:
    shown = plain(asked("\n".join(f"line {n}" for n in range(QUESTION_LINES))).draw(brush(), 100))
    assert shown[-1].strip() == f"line {QUESTION_LINES - 1}"
