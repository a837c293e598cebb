"""A long session keeps what it says, once, and few of the lines that were drawn of it."""

from __future__ import annotations

from ralph.tui.markdown import parts
from ralph.tui.timeline.answers import AnswerDrawing
from ralph.tui.timeline.blocks import FooterDrawing, UserDrawing
from ralph.tui.timeline.item_list import KEPT_LINES
from ralph.tui.timeline.steps import StepDrawing
from tests.tui.conftest import MakeApp
from tests.tui.play import Play, turn
from tests.tui.see import ask, quiet, until, view

SIZE = (100, 30)
TURNS = 120


async def test_drawn_lines_stay_few_from_the_end_to_the_top_and_back(play: Play, make_app: MakeApp) -> None:
    for number in range(1, TURNS + 1):
        play.past(number, turn(number, f"question {number}", f"## Part {number}\n\n- one\n- two\n\n```\ncode\n```\n"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await quiet(pilot)
        model = view(app).model
        most = 0
        for step in [-1] * 400 + [1] * 400:
            at = view(app).scroll_y
            view(app).page(step)
            view(app).render_line(0)
            most = max(most, sum(map(len, model._strips.values())))
            if view(app).scroll_y == at:
                continue
        await quiet(pilot)
        assert model.total > 2 * KEPT_LINES
        assert all(item.exact for item in model.items)  # each was drawn
        assert KEPT_LINES // 2 < most <= KEPT_LINES
        assert set(model._strips) <= set(model.items)
        assert parts._read.cache_info().currsize <= parts._READ


async def test_what_a_turn_says_is_there_once(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "how much is it?")
        await until(pilot, lambda: any(isinstance(i.drawing, FooterDrawing) for i in view(app).model.items))
        kept = app.conversation.timeline().turns[0]
        blocks = {block.id: block for block in kept.blocks}
        drawings = [item.drawing for item in view(app).model.items]
        steps = [d for d in drawings if isinstance(d, StepDrawing)]
        assert all(d.block is blocks[d.block.id] for d in steps)
        assert all(d.turn is kept for d in drawings if isinstance(d, FooterDrawing))
        assert [d.part.text is kept.text for d in drawings if isinstance(d, AnswerDrawing)] == [True]
        assert len({id(d.look) for d in drawings if isinstance(d, StepDrawing | UserDrawing)}) == 1
