"""Looks: chosen by seeing them, a person's own read again when they change, and none of it by colour alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from ralph.tui.screens.themes import ThemesScreen
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, failing_turn, turn
from tests.tui.see import text, until, write

SIZE = (100, 30)
MINE = 'primary: "#123456"\nbackground: "#000000"\n'


async def opened(pilot: Pilot[int]) -> ThemesScreen:
    await write(pilot, "/theme", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, ThemesScreen))
    assert isinstance(pilot.app.screen, ThemesScreen)
    return pilot.app.screen


async def test_a_highlighted_theme_is_worn_and_esc_brings_the_old_one_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("down")
        await until(pilot, lambda: app.theme == "ansi")
        await pilot.press("down", "down")
        await until(pilot, lambda: app.theme == "contrast")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.theme == "sacred"
        assert "until ralph ends" not in text(app)


async def test_enter_keeps_it_and_says_how_to_undo_it(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "/theme reset undoes it" in text(app))
        assert app.theme == "ansi"
        assert desk.choices.kept == {"ui.theme": "ansi"}
        assert len(app.screen_stack) == 1


async def test_the_list_is_ours_and_begins_with_what_is_worn(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    app = make_app(theme="nord", themes=[tmp_path])
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        listed = screen.query_one(OptionList)
        names = [listed.get_option_at_index(n).id for n in range(listed.option_count)]
        assert names[0] == "nord"
        assert {"sacred", "daylight", "contrast", "ansi", "mine"} <= set(names)
        assert "textual-dark" not in names


async def test_a_name_is_worn_at_once_and_a_wrong_one_answered_with_the_nearest(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/theme dracula", "enter")
        await until(pilot, lambda: app.theme == "dracula")
        await write(pilot, "/theme dracla", "enter")
        await until(pilot, lambda: "did you mean dracula?" in text(app))


async def test_a_theme_of_ones_own_is_read_again_when_it_changes(make_app: MakeApp, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    app = make_app(theme="mine", themes=[tmp_path])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "nord" in app.available_themes)
        path.write_text(MINE.replace("#000000", "#102030"), encoding="utf-8")
        os.utime(path, ns=(1, 1))
        app.reload_themes()
        await until(pilot, lambda: app.screen.styles.background.hex == "#102030")
        assert app.theme == "mine"


async def test_one_that_turns_bad_is_told_and_leaves_the_look_as_it_was(make_app: MakeApp, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    app = make_app(theme="mine", themes=[tmp_path])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "nord" in app.available_themes)
        path.write_text('primary: "#12"\n', encoding="utf-8")
        app.reload_themes()
        await until(pilot, lambda: app._notifications)
        assert "mine.yaml: primary: '#12' is not a colour" in next(iter(app._notifications)).message
        assert (app.theme, app.screen.styles.background.hex) == ("mine", "#000000")


async def test_a_theme_that_is_written_meanwhile_can_be_chosen(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(themes=[tmp_path / "themes"], theme="nrod")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app._notifications)
        assert "there is no theme 'nrod'; did you mean 'nord'?" in next(iter(app._notifications)).message
        (tmp_path / "themes").mkdir()
        (tmp_path / "themes" / "mine.yaml").write_text(MINE, encoding="utf-8")
        await write(pilot, "/theme mine", "enter")
        await until(pilot, lambda: app.theme == "mine")


async def test_nothing_ticks_where_there_is_no_folder(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(themes=[tmp_path / "none"])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "nord" in app.available_themes)
        assert not any(timer._callback == app.reload_themes for timer in app._timers)


@pytest.mark.parametrize("theme", ["sacred", "daylight", "ansi"])
async def test_without_colours_there_are_none_but_marks_and_words(
    theme: str, play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    play.past(1, failing_turn(1, "first")).past(2, turn(2, "second", "**bold** and `code`\n\n```python\nx = 1\n```"))
    app = make_app(theme=theme)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "second" in text(app))
        styles = painted(app)
        assert all(s.color is None or s.color.is_default for s in styles)
        assert all(s.bgcolor is None or s.bgcolor.is_default for s in styles)
        assert any(s.bold for s in styles)
        assert any(s.reverse for s in styles)  # the cursor
        assert {"✗ failed", "– skipped", "✓ ok"} <= {w for w in ("✗ failed", "– skipped", "✓ ok") if w in text(app)}
        await opened(pilot)
        assert any(s.reverse and s.bold for s in painted(app))  # what is highlighted


def painted(app: Any) -> list[Any]:
    """Every style that goes to the terminal."""
    lines = app.screen._compositor.render_strips()
    return [segment.style for line in lines for segment in line if segment.style]


def test_the_list_of_looks(play: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """The highlighted one is worn by the turn beside it."""

    async def open_it(pilot: Pilot[int]) -> None:
        await opened(pilot)
        await pilot.press("down", "down")
        await until(pilot, lambda: pilot.app.theme == "catppuccin-mocha")

    assert snap_compare(make_app(), terminal_size=(100, 30), run_before=open_it)
