"""Consent: what a tool is about to do is shown, and only a clear yes lets it."""

from __future__ import annotations

import asyncio

import pytest

from ralph.core.face import Consent
from ralph.tui.screens.pick import PickScreen
from ralph.tui.widgets.consent import SETTLE_S, ConsentPanel
from ralph.tui.widgets.prompt import Prompt
from tests.tui.conftest import MakeApp
from tests.tui.play import HandClock
from tests.tui.see import prompt, until

WRITE = Consent("1.3c1", "write_file", {"path": "[/red]notes.md", "content": "one\n\x1b[31mtwo"}, "write")
SIZE = (80, 24)


@pytest.mark.parametrize(("key", "allowed"), [("y", True), ("n", False), ("escape", False)])
async def test_one_key_answers(key: str, allowed: bool, clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        shown = panel.render().plain
        assert "May write_file run? It changes files." in shown
        assert "path: [/red]notes.md" in shown
        assert "content: one\n    two" in shown
        clock.at = SETTLE_S
        await pilot.press(key)
        assert await asked is allowed
        await until(pilot, lambda: prompt(app).has_focus)
        assert not panel.display


async def test_a_key_that_was_already_on_its_way_is_no_answer(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        await until(pilot, lambda: app.query_one(ConsentPanel).has_focus)
        await pilot.press("y", "enter", "x")
        assert not asked.done()
        clock.at = SETTLE_S
        await pilot.press("x", "n")
        assert await asked is False


async def test_questions_come_one_after_the_other(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        panel = app.query_one(ConsentPanel)
        first = asyncio.create_task(app.allow(WRITE))
        second = asyncio.create_task(app.allow(Consent("1.3c2", "fetch", {}, "network")))
        await until(pilot, lambda: "write_file" in panel.render().plain)
        clock.at = 1
        await pilot.press("y")
        assert await first is True
        await until(pilot, lambda: "fetch" in panel.render().plain)
        clock.at = 2
        await pilot.press("n")
        assert await second is False


async def test_a_question_goes_away_when_nobody_waits_for_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        asked.cancel()
        await until(pilot, lambda: not panel.display)
        assert app.query_one(Prompt).has_focus


async def test_a_long_argument_is_cut_and_says_so(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(Consent("c", "run", {"script": "\n".join("abc" * 10)}, "run")))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        assert "… 18 more lines" in panel.render().plain
        assert "It runs a program." in panel.render().plain
        asked.cancel()
        await pilot.pause()


async def test_a_turn_may_ask_for_a_choice_and_may_be_stopped_meanwhile(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        first = asyncio.create_task(app.asking.choose("The answer was cut off", [("go", "go on"), ("end", "leave it")]))
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("down", "enter")
        assert await first == "end"
        second = asyncio.create_task(app.asking.choose("Again", [("go", "go on")]))
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        second.cancel()
        await until(pilot, lambda: not isinstance(app.screen, PickScreen))
        assert second.cancelled()
