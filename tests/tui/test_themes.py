"""Themes: the house's are good, a bad one is told and never fatal."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from textual.theme import BUILTIN_THEMES

from ralph.config.paths import find_shipped
from ralph.core.errors import ConfigFailure
from ralph.tui.themes import _flat, own_variables, read_theme, read_themes, theme_files
from tests.tui.conftest import MakeApp
from tests.tui.see import until, view

HOUSE = theme_files([find_shipped("themes")])


@pytest.mark.parametrize("path", HOUSE, ids=lambda p: p.stem)
def test_the_house_themes_are_good_and_can_be_read(path: Path) -> None:
    theme = read_theme(path)
    assert theme.name == path.stem


@pytest.mark.parametrize("path", HOUSE, ids=lambda p: p.stem)
def test_the_short_reader_reads_what_yaml_reads(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _flat(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["a: [b]", "a: &x b", "a: 'b'", "a: 1", "- a", "a: b # note", "a: no", "a:\n   b: c"])
def test_the_short_reader_leaves_the_rest_alone(text: str) -> None:
    assert _flat(text) in (None, yaml.safe_load(text))


BAD = {
    "no colour": ("primary: nonsense", "primary: 'nonsense' is not a colour"),
    "bad variable": ('primary: "#fff"\nvariables: {faint: blu}', "variables.faint: 'blu' is not a colour"),
    "unknown key": ('primry: "#fff"', "unknown key 'primry'; did you mean 'primary'?"),
    "nothing": ("", "a theme is a mapping"),
    "a list": ("- a", "a theme is a mapping"),
    "no primary": ("dark: true", "primary: every theme needs this colour"),
    "not yaml": ("{a", "cannot be read"),
    "dark": ('primary: "#fff"\ndark: maybe', "dark: 'maybe' is neither true nor false"),
    "a number": ('primary: "#fff"\ntext_alpha: much', "text_alpha: 'much' is not a number"),
    "a name": ('primary: "#fff"\nname: "[/red]"', "is not a valid name"),
    "a style": ('primary: "#fff"\nvariables: {link-style: boldd}', "variables.link-style: 'boldd' is not a style"),
    "ansi": ('primary: "#fff"\nansi: maybe', "ansi: 'maybe' is neither true nor false"),
    "variables": ('primary: "#fff"\nvariables: 3', "variables: must be a mapping"),
}


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD.keys())
def test_a_bad_theme_names_file_key_and_what_was_found(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFailure) as caught:
        read_theme(path)
    assert caught.value.message.startswith("mine.yaml: ")
    assert sentence in caught.value.message


def test_bad_ones_are_collected_beside_the_good_ones(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("primary: x", encoding="utf-8")
    (tmp_path / "good.yaml").write_text('primary: "#123456"', encoding="utf-8")
    read = read_themes(theme_files([tmp_path]))
    assert [t.name for t in read.loaded] == ["good"]
    assert len(read.failed) == 1


def test_a_later_folder_wins(tmp_path: Path) -> None:
    mine = tmp_path / "sacred.yaml"
    mine.write_text('primary: "#123456"', encoding="utf-8")
    assert mine in theme_files([find_shipped("themes"), tmp_path])


@pytest.mark.parametrize("name", BUILTIN_THEMES)
def test_our_own_colours_exist_for_every_theme_of_textual(name: str) -> None:
    for value in own_variables(BUILTIN_THEMES[name]).values():
        assert value


async def test_a_bad_theme_is_told_and_the_house_theme_is_used(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("primary: x", encoding="utf-8")
    app = make_app(theme="mine", themes=[tmp_path])
    async with app.run_test(size=(100, 30)) as pilot:
        assert app.theme == "sacred"
        await until(pilot, lambda: app._notifications)
        told = next(iter(app._notifications)).message
        assert "primary: 'x' is not a colour" in told
        assert "no theme 'mine'" not in told


async def test_changing_the_theme_changes_the_colours(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "daylight" in app.available_themes)
        dark = view(app).render_line(1)
        app.theme = "daylight"
        await pilot.pause()
        light = view(app).render_line(1)
        assert dark.text == light.text
        assert [s.style for s in dark] != [s.style for s in light]
        app.theme = "textual-ansi" if "textual-ansi" in app.available_themes else "nord"
        await pilot.pause()
