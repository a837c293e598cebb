"""The help screen: what can be typed and pressed, as it really is, narrowed by typing."""

from __future__ import annotations

from typing import Any

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input

from ralph.commands._base import Simple
from ralph.commands._help_topics import OTHERS, group_by_topic
from ralph.core.ports.face import Face
from ralph.tui import keys
from ralph.tui.app import RalphApp
from ralph.tui.screens.help import HelpScreen
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play
from tests.tui.see import part, text, until, write
from tests.tui.test_commands import Listening


async def opened(pilot: Pilot[int], *keys: str) -> RalphApp:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.press(*keys or ("f1",))
    await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "First steps" in part(app, "help-text"))
    return app


def test_how_it_looks(make_app: MakeApp, snap_compare: Any) -> None:
    """First steps, and the commands by topic."""

    async def show(pilot: Pilot[int]) -> None:
        app = await opened(pilot)
        await pilot.press(*"model")
        app.screen.query_one(Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=show)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_every_command_and_key_is_there_and_can_be_scrolled_to(make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app().run_test(size=size) as pilot:
        app = await opened(pilot)
        shown = part(app, "help-text")
        for command in app.commands:
            assert f"/{command.name}" in shown
        for key, _ in keys.help_rows(app):
            assert key in shown
        scroll = app.screen.query_one(VerticalScroll)
        assert not scroll.max_scroll_x
        await pilot.press("ctrl+end")
        await until(pilot, lambda: scroll.scroll_y == scroll.max_scroll_y)
        await pilot.press("pageup", "up", "down", "pagedown", "ctrl+home")
        await until(pilot, lambda: scroll.scroll_y == 0)


async def test_typing_narrows_and_esc_closes(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(100, 30)) as pilot:
        app = await opened(pilot)
        await pilot.press(*"budget")
        await until(pilot, lambda: "First steps" not in part(app, "help-text"))
        assert "/budget" in part(app, "help-text")
        assert "/quit" not in part(app, "help-text")
        await pilot.press(*"zzz")
        await until(pilot, lambda: part(app, "help-text") == "Nothing here matches these words.")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_the_keys_of_the_screen_that_one_came_from_stand_first(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(100, 30)) as pilot:
        app = await opened(pilot, "ctrl+s", "f1")
        assert part(app, "help-text").startswith("Keys here (timelines)")
        assert "rename it" in part(app, "help-text")
        await pilot.press("f1")
        assert len(app.screen_stack) == 3  # help is not opened over itself
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 2)


async def test_help_for_one_command_stays_words(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await write(pilot, "/help usage", "enter")
        await until(pilot, lambda: "tokens, cost and waiting, in groups" in text(app))


def test_no_command_is_left_out_of_the_topics(play: Play) -> None:
    async def nothing(argument: str, face: Face) -> None: ...

    commands = [*Listening(Desk(play), play).commands, Simple("zither", "plays", nothing)]
    made = group_by_topic(commands)
    assert sorted(c.name for _, found in made for c in found) == sorted(c.name for c in commands)
    assert made[-1][0] == OTHERS
    assert "zither" in [c.name for c in made[-1][1]]
