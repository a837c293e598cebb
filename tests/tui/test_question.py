"""Questions with two or three answers: a bar above the prompt, which loses nothing that one writes meanwhile."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from ralph.core.ports.face import Consent
from ralph.core.ports.rows import Switch
from ralph.tui.app import RalphApp
from ralph.tui.widgets.waiting_question import SETTLE_S
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import HandClock, Play, turn
from tests.tui.see import prompt, settled, text, until, write

SIZE = (80, 24)
TWO = [("go", "go on"), ("end", "leave it")]
CUT = [("keep", "keep what came"), ("continue", "ask it to go on"), ("restart", "ask again from the start")]


def bar(app: RalphApp) -> str:
    return app.widgets.question_bar.render().plain


def asks(app: RalphApp) -> bool:
    return app.widgets.question_bar.has_focus and app.widgets.question_bar._since < float("inf")


@pytest.fixture
def desk(play: Play) -> Desk:
    made = Desk(play.past(1, turn(1, "q")))
    made.models.report = Switch("", tokens=445, lost=("The thinking in 1 message stays behind.",))
    return made


@pytest.mark.parametrize(("key", "model"), [("y", "openai:b"), ("n", "sonnet"), ("escape", "sonnet")])
async def test_another_model_is_a_yes_or_no(
    key: str, model: str, desk: Desk, play: Play, clock: HandClock, make_app: MakeApp
) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/model openai:b", "enter")
        await until(pilot, lambda: asks(app))
        assert len(app.screen_stack) == 1
        assert bar(app) == "Switch to openai:b?\ny switch to openai:b · n stay · Esc cancel"
        clock.at += 2 * SETTLE_S
        await pilot.press(key)
        await until(pilot, lambda: prompt(app).has_focus)
        assert not app.widgets.question_bar.display
        await until(pilot, lambda: model in play.roles["format"])
        assert ("Nothing was changed." in text(app)) is (key != "y")


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 60)])
async def test_what_was_written_ahead_stays_and_answers_nothing(
    size: tuple[int, int], desk: Desk, play: Play, clock: HandClock, make_app: MakeApp
) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=size) as pilot:
        await write(pilot, "/model openai:b", "enter")
        await write(pilot, "my ")  # before the question is there
        await until(pilot, lambda: asks(app))
        await pilot.press("n", "y", "x", "backspace", "enter")  # typed on, before it could be read
        assert asks(app)
        assert prompt(app).text == "my ny"
        clock.at += 2 * SETTLE_S
        await pilot.press("a", "n", "d")  # no answers, and the letters of a word are none
        app.widgets.question_bar.post_message(events.Paste(" more"))
        await until(pilot, lambda: prompt(app).text == "my nyand more")
        assert asks(app)
        assert not play.submitted
        clock.at += 2 * SETTLE_S
        await pilot.press("y")
        await until(pilot, lambda: play.roles["format"] == "openai:b")
        assert prompt(app).text == "my nyand more"
        await pilot.press("enter")
        await until(pilot, lambda: settled(app, 2))
        assert play.submitted == [("my nyand more", "")]


async def test_a_cut_answer_has_three_numbered_answers(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        for key, value in (("1", "keep"), ("2", "continue"), ("3", "restart"), ("escape", None)):
            choosing = asyncio.create_task(app.choose("The answer was cut off: it dropped", CUT))
            await until(pilot, lambda: asks(app))
            clock.at += 2 * SETTLE_S
            await pilot.press("y", "n")  # of two answers
            assert not choosing.done()
            clock.at += 2 * SETTLE_S
            await pilot.press(key)
            assert await asyncio.wait_for(choosing, 20) == value
            await until(pilot, lambda: prompt(app).has_focus)
        assert prompt(app).text == "ynynynyn"


async def test_under_a_screen_it_waits_until_it_can_be_read(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        asked = asyncio.create_task(app.controllers.dialogs.ask("Go on?", TWO))
        await until(pilot, lambda: any("a question waits" in n.message for n in app._notifications))
        clock.at = 60
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await until(pilot, lambda: asks(app))
        await pilot.press("y")
        assert not asked.done()
        assert prompt(app).text == "y"
        clock.at += 2 * SETTLE_S
        await pilot.press("y")
        assert await asyncio.wait_for(asked, 20) == "go"


async def test_it_goes_when_nobody_waits_and_one_comes_after_the_other(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        first = asyncio.create_task(app.controllers.dialogs.ask("Go on?", TWO))
        await until(pilot, lambda: asks(app))
        second = asyncio.create_task(app.allow(Consent("1.3c1", "shell", {}, "run")))
        await pilot.pause()
        assert not app.widgets.panel.display
        first.cancel()
        await until(pilot, lambda: app.widgets.panel.has_focus)
        assert not app.widgets.question_bar.display
        clock.at += 2 * SETTLE_S
        await pilot.press("y")
        assert (await asyncio.wait_for(second, 20)).allowed is True


async def test_its_keys_are_mapped_like_all_others(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app(keymap={"question.yes": "j"})
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.controllers.dialogs.ask("Weiter?", TWO))
        await until(pilot, lambda: asks(app))
        assert "j go on · n leave it" in bar(app)
        clock.at += 2 * SETTLE_S
        await pilot.press("j")
        assert await asyncio.wait_for(asked, 20) == "go"


@pytest.mark.parametrize("size", [(80, 24), (60, 14)])
async def test_the_keys_are_in_sight_below_a_long_question(size: tuple[int, int], make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        asked = asyncio.create_task(app.choose("The answer was cut off: " + "it dropped " * 60, CUT))
        await until(pilot, lambda: asks(app))
        await pilot.pause()
        shown = app.widgets.question_bar
        rows = [strip.text[1:].strip() for strip in shown.render_lines(shown.outer_size.region)]
        assert len(rows) <= size[1] // 2
        assert " ".join(rows).endswith("3 ask again from the start · Esc cancel")
        asked.cancel()
        await pilot.pause()
