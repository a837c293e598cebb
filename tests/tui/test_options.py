"""Lists in a terminal that has no room for them."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, turn
from tests.tui.see import until

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (100, 4)])
@pytest.mark.parametrize("name", ["models", "timelines", "pick", "themes"])
async def test_a_page_in_a_list_that_cannot_be_seen(
    name: str, size: tuple[int, int], play: Play, make_app: MakeApp
) -> None:
    """A mistake in a handler fails the test (see `rescued`)."""
    app = make_app(desk=Desk(play.past(1, turn(1, "hello"))))
    async with app.run_test(size=(100, 30)) as pilot:
        asked: asyncio.Task[str | None] | None = None
        if name == "pick":
            asked = asyncio.create_task(app.controllers.dialogs.choose("Go on?", [("a", "yes"), ("b", "no")]))
        else:
            app.action_command({"models": "/model", "timelines": "/timelines", "themes": "/theme"}[name])
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.resize_terminal(*size)
        await pilot.press("pagedown", "pageup", "pagedown")
        await pilot.resize_terminal(100, 30)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.prompt.has_focus
        if asked:
            assert await asked is None
