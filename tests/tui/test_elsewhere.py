"""Going to a timeline that another window has open: it is read, or goes on in a fork, and nothing happens unasked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ralph.tui.app import RalphApp
from ralph.tui.controllers.beginning import Beginning
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import HandClock, Play, turn
from tests.tui.see import prompt, text, until, write

SIZE = (80, 24)
OTHER = "0ther00000"


@pytest.fixture
def desk(play: Play) -> Desk:
    made = Desk(play.past(1, turn(1, "q")), Play(OTHER).past(1, turn(1, "of another window")))
    made.timelines.elsewhere = {OTHER}
    return made


def bar(app: RalphApp) -> str:
    return app.widgets.question_bar.render().plain


ENDS: dict[str, Callable[[RalphApp], bool]] = {
    "1": lambda app: app.conversation.id == OTHER and f"{OTHER} is read-only here" in text(app),
    "2": lambda app: app.conversation.id.startswith("f0rk") and f"of {OTHER}, which is unchanged" in text(app),
    "3": lambda app: app.conversation.id == "k3f9w2m7qd",
    "escape": lambda app: app.conversation.id == "k3f9w2m7qd" and "close it there, or" in text(app),
}


@pytest.mark.parametrize("key", ENDS)
@pytest.mark.parametrize("line", [f"/timelines {OTHER}", "first"], ids=["command", "start"])
async def test_it_is_asked_how(key: str, line: str, desk: Desk, clock: HandClock, make_app: MakeApp) -> None:
    """By a command, and at the start, where `-r ID` names it."""
    first = {"beginning": Beginning(command=f"/timelines {OTHER}")} if line == "first" else {}
    app = make_app(desk=desk, **first)
    async with app.run_test(size=SIZE) as pilot:
        if not first:
            await write(pilot, line, "enter")
        await until(pilot, lambda: app.widgets.question_bar.has_focus)
        await until(pilot, lambda: app.widgets.question_bar._since < float("inf"))
        assert bar(app) == (
            f"Timeline {OTHER} is open in another window.\n"
            "1 read it here · 2 continue in a fork · 3 stay here · Esc cancel"
        )
        clock.at += 1
        await pilot.press(key)
        await until(pilot, lambda: ENDS[key](app))
        await until(pilot, lambda: prompt(app).has_focus)


async def test_what_was_passed_over_is_said_at_the_start(make_app: MakeApp) -> None:
    app = make_app(beginning=Beginning(words="The latest timeline is open in another window."))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "The latest timeline is open in another window." in text(app))
