"""`/undo files` on the screen: the row of its block says in words what was taken back."""

from __future__ import annotations

from ralph.core.timeline.turns import Block
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.steps import StepDrawing
from tests.tui.see import brush


def test_a_note_of_ralph_shows_its_text() -> None:
    text = "Undo of what turn 1 wrote:\n- notes.md was restored\n- new_file_.md was removed"
    drawing = StepDrawing(Block("0.1", "note", status="ok", text=text), "", 1.0, FoldState())
    shown = [strip.text.strip() for strip in drawing.draw(brush(), 80)]
    assert shown[1:4] == text.splitlines()
    assert drawing.guess(80) == 4
