"""Every theme that ships can be read: text at 4.5 to 1, marks at 3, high contrast at 7; as WCAG has it."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from ralph.config.paths import find_shipped
from ralph.tui.themes import own_variables, read_theme, theme_files
from tests.tui.contrast import contrast

THEMES = [read_theme(path) for path in theme_files([find_shipped("themes")])]
TRUE = [theme for theme in THEMES if not theme.ansi]
CODE = ("inline", "keyword", "string", "number", "function", "type")

# What is read, and on what it stands.
TEXT = [
    *((name, "background") for name in ("foreground", "muted", "heading")),
    *((f"text-{state}", "background") for state in ("error", "warning", "success")),
    *((f"step-{role}", "background") for role in ("user", "route", "tool", "format")),
    *((name, "surface") for name in ("foreground", "muted", "step-user", "step-tool", "text-warning")),
    *((f"code-{kind}", "code-background") for kind in CODE),
    ("foreground", "code-background"),
    ("muted", "code-background"),
]  # fmt: skip
# Beside these stands a word.
MARKS = [("faint", "background"), ("faint", "surface"), ("faint", "code-background")]


def colours(theme: Theme) -> dict[str, str]:
    return {**own_variables(theme), **theme.to_color_system().generate(), **theme.variables}


@pytest.mark.parametrize("theme", TRUE, ids=lambda t: t.name)
def test_every_text_shows_on_its_ground(theme: Theme) -> None:
    found = colours(theme)
    high = theme.name.startswith("contrast")
    low = []
    for pairs, wanted in ((TEXT, 7.0 if high else 4.5), (MARKS, 7.0 if high else 3.0)):
        for ink, paper in pairs:
            ratio = contrast(Color.parse(found[ink]), Color.parse(found[paper]))
            if ratio < wanted:
                low.append(f"{ink} on {paper}: {ratio:.2f}, not {wanted}")
    assert low == []


def test_the_ansi_theme_has_no_colour_of_its_own() -> None:
    (theme,) = [t for t in THEMES if t.ansi]
    for name, value in colours(theme).items():
        if "-style" not in name:
            assert value.startswith(("ansi_", "transparent")), name


def test_there_are_dark_and_bright_ones_and_no_name_twice() -> None:
    names = [t.name for t in THEMES]
    assert len(names) == len(set(names)) >= 8
    assert {t.dark for t in THEMES} == {True, False}


def test_steps_differ_in_colour() -> None:
    for theme in THEMES:
        found = colours(theme)
        assert len({found[f"step-{role}"] for role in ("user", "route", "tool", "format")}) == 4, theme.name
