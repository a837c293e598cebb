"""Hostile output: nothing that a model or tool writes reaches the terminal as anything but text."""

from __future__ import annotations

import pytest

from ralph.tui.markdown.strips import Markdown
from ralph.tui.text import ScreenCleaner, clean, escape_unseen, one_line
from tests.tui.conftest import MakeApp
from tests.tui.play import Play, turn
from tests.tui.see import ask, brush, lines, plain, screen, text, view

ESCAPES = {
    "colour": ("\x1b[31mred\x1b[0m", "red"),
    "cursor": ("a\x1b[2J\x1b[Hb", "ab"),
    "title": ("a\x1b]0;owned\x07b", "ab"),
    "title, long end": ("a\x1b]2;owned\x1b\\b", "ab"),
    "link": ("\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "click"),
    "clipboard": ("a\x1b]52;c;ZXZpbA==\x07b", "ab"),
    "device": ("a\x1bP1$r0m\x1b\\b", "ab"),
    "reset": ("a\x1bcb", "ab"),
    "8-bit csi": ("a\x9b31mb", "ab"),
    "8-bit osc": ("a\x9d0;owned\x9cb", "ab"),
    "a lone escape": ("a\x1b", "a"),
    "an unfinished string": ("a\x1b]0;never ends\nb", "a0;never ends\nb"),
    "bell and backspace": ("a\x07\x08b", "ab"),
    "null": ("a\x00b", "ab"),
    "carriage returns": ("one\rtwo\r\nthree", "one\ntwo\nthree"),
    "tab": ("a\tb", "a    b"),
    "bidi": ("user\u202e\u2066 // admin\u2069", "user // admin"),
    "zero width": ("pass\u200bword\ufeff", "password"),
    "tag letters": ("a\U000e0041\U000e0042b", "ab"),
    "surrogate": ("a\ud800b", "ab"),
    "bytes in variation selectors": ("a\ufe01\U000e0158\U000e01efb", "ab"),
    "fillers": ("a\u3164\u115f\u1160\uffa0b", "ab"),
    "soft hyphen and joiner of nothing": ("a\xad\u034fb", "ab"),
    "marks of notes and shorthand": ("a\U0001d173\U0001bca0b", "ab"),
}


@pytest.mark.parametrize(("given", "left"), ESCAPES.values(), ids=ESCAPES.keys())
def test_only_what_can_be_seen_is_left(given: str, left: str) -> None:
    assert clean(given) == left


@pytest.mark.parametrize(("given", "left"), ESCAPES.values(), ids=ESCAPES.keys())
def test_the_same_when_it_comes_letter_by_letter(given: str, left: str) -> None:
    if given.endswith("\x1b") or "never" in given:
        pytest.skip("an escape that never ends is held back")
    cleaner = ScreenCleaner()
    assert "".join(cleaner.feed(queued) for queued in given) == left


def test_what_people_write_stays() -> None:
    words_of_people = ("naïve café", "日本語 テキスト", "👩‍👩‍👧 👍🏽", "سلام می‌روم", "[/red] [b]x[/b] $HOME", "a\nb",
                       "❤️‍🔥 ☂︎", "한글", "ᠮᠣᠩᠭᠣᠯ")  # fmt: skip
    for words in words_of_people:
        assert clean(words) == words


@pytest.mark.parametrize(
    ("given", "seen"),
    [("\u202etxt.exe", "\\u202etxt.exe"), ("a\x9b2J\x1b[2J", "a\\x9b2J\\x1b[2J"), ("a\u200bb", "a\\u200bb"),
     ("rm a\u200db", "rm a\\u200db"), ("a\rb\r\nc\n", "a\\rb\nc\n"), ("\U000e0041\ud800", "\\U000e0041\\ud800"),
     ("سلام می‌روم 👩‍👧 ❤️", "سلام می‌روم 👩‍👧 ❤️")],
)  # fmt: skip
def test_what_a_person_must_trust_is_spelt_out(given: str, seen: str) -> None:
    assert escape_unseen(given) == seen


def test_one_line() -> None:
    assert one_line(" a\n\n b\t\x1b[1mc ") == "a b c"


HOSTILE = (
    "Look: [/red] [bold]not bold[/bold] [@click=app.quit]x[/] \x1b[31mred\x1b[0m\x1b]0;owned\x07 \u202eevil\u202c."
)
SEEN = "Look: [/red] [bold]not bold[/bold] [@click=app.quit]x[/] red evil."


async def test_everywhere_on_the_screen(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, HOSTILE, output=HOSTILE, thinking=HOSTILE)
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        app.feed.say("hello")
        await ask(pilot, HOSTILE)
        await pilot.press("ctrl+o", "ctrl+t")
        shown = text(app)
        assert shown.count(SEEN) >= 3
        for strip in (view(app).render_line(y) for y in range(view(app).size.height)):
            assert not any(segment.control for segment in strip)
            assert not any("\x1b" in segment.text or "\u202e" in segment.text for segment in strip)
            assert not any(s.style and s.style.meta.get("@click") for s in strip)
        assert "\x1b" not in app.export_screenshot()


async def test_a_title_and_an_error_with_brackets(play: Play, make_app: MakeApp) -> None:
    app = make_app(theme="[/red]")
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "[/red] \x1b[31mtitle")
        assert "[/red] title" in text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "\x1b" not in app.export_screenshot()


async def test_a_hundred_thousand_letters_in_one_line(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, tools=False, pieces=["x" * 1000] * 100)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "hello")
        assert text(app).count("x") >= 100_000
        assert all(len(line) <= 100 for line in screen(app))
        await pilot.press("home")
        assert "hello" in screen(app)[1]


def test_wide_letters_keep_the_grid() -> None:
    made = Markdown(brush()).strips("| 名前 | n |\n|---|--:|\n| 日本 | 1 |\n| 👍 ok | 22 |", 40)
    assert len({strip.cell_length for strip in made}) == 1
    assert plain(made)[2].startswith("日本")


async def test_very_wide_figures_do_not_break_the_row(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    for size in ((40, 12), (60, 20), (80, 24), (200, 50)):
        async with make_app(conversation=Play().past(1, turn(1, "q" * 300))).run_test(size=size) as pilot:
            shown = pilot.app
            assert all(len(line) <= size[0] for line in lines(shown))  # type: ignore[arg-type]
    assert app
