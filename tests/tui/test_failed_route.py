"""A route that failed and was decided by the rules: a grey note, and no second red block beside the answer's own."""

from __future__ import annotations

from dataclasses import replace

from rich.color import Color

from ralph.core.errors import ErrorInfo, Kind
from ralph.core.log import events as ev
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.timeline.blocks import drawings
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.steps import StepDrawing
from tests.tui.see import brush, plain

SENTENCE = "anthropic rejected the key (401): invalid x-api-key; check its api_key"
FAILED = Block("1.2", "route", status="failed", error=ErrorInfo(Kind.AUTH, SENTENCE))
DECIDED = replace(FAILED, data={"tools": [], "reason": "no rule matched", "by": "rules"})


def colours(block: Block) -> set[Color | None]:
    """Those of the failure's sentence and of the row's state."""
    made = StepDrawing(block, "anthropic:m", 100.0, FoldState()).draw(brush(), 120)
    said = [part for strip in made for part in strip if "401" in part.text or "✗ failed" in part.text]
    return {part.style.color if part.style else None for part in said}


def test_what_the_rules_decided_is_a_grey_note_that_says_so() -> None:
    lines = plain(StepDrawing(DECIDED, "anthropic:m", 100.0, FoldState()).draw(brush(), 120))
    assert any(f"· the rules decided: {SENTENCE} (auth)" in line for line in lines)
    assert not any("▌" in line for line in lines)
    assert colours(DECIDED).isdisjoint(colours(FAILED))


def test_a_failure_that_the_answer_meets_too_is_told_at_the_answer_only() -> None:
    answer = Block("1.4", "format", status="failed", error=FAILED.error)
    for message in (SENTENCE, f"not tried again: {SENTENCE}"):  # the second is how older versions recorded it
        blocks = (DECIDED, replace(answer, error=ErrorInfo(Kind.AUTH, message)))
        made = Turn(1, "t", "2026-11-20T14:02:11.000000Z", ev.TurnStarted("why?"), blocks, "failed")
        shown = [line for one in drawings(made, FoldState()) for line in plain(one.draw(brush(), 120))]
        assert sum("401" in line for line in shown) == 1
        assert any("· the rules decided; the failure stands below" in line for line in shown)


def test_a_route_that_ended_its_turn_stays_a_failure() -> None:
    lines = plain(StepDrawing(FAILED, "anthropic:m", 100.0, FoldState()).draw(brush(), 120))
    assert any(f"▌ {SENTENCE} (auth)" in line for line in lines)
