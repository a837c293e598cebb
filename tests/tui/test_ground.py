"""The terminal's ground: what it answers, what the environment says, and what is typed meanwhile."""

from __future__ import annotations

import pytest

from ralph.tui import terminal_background
from ralph.tui.terminal_background import dark_by_environment, detect, few_colours, read_answer

DONE = b"\x1b[?62;22c"


@pytest.mark.parametrize(
    ("heard", "dark"),
    [
        (b"\x1b]11;rgb:1414/1313/0f0f\x1b\\" + DONE, True),
        (b"\x1b]11;rgb:ffff/ffff/ffff\x07" + DONE, False),
        (b"\x1b]11;rgb:f/f/f\x07", False),
        (b"\x1b]11;rgb:fd/f6/e3\x1b\\", False),
        (DONE, None),
        (b"", None),
        (b"\x1b]11;rgb:zz/f6/e3\x1b\\", None),
    ],
)
def test_the_answer_says_whether_it_is_dark(heard: bytes, dark: bool | None) -> None:
    assert read_answer(heard) == (dark, "")


def test_what_is_typed_meanwhile_is_kept() -> None:
    assert read_answer(b"wh\x1b]11;rgb:0/0/0\x07at" + DONE) == (True, "what")
    assert read_answer(b"what") == (None, "what")
    assert read_answer(b"\x1b[A" + DONE) == (None, "")


@pytest.mark.parametrize(
    ("value", "dark"), [("15;0", True), ("0;15", False), ("0;default;7", False), ("7;8", True), ("", None), ("x", None)]
)
def test_the_environment_may_say_it(value: str, dark: bool | None) -> None:
    assert dark_by_environment({"COLORFGBG": value}) is dark


@pytest.mark.parametrize(
    ("environ", "few"),
    [({"TERM": "linux"}, True), ({"TERM": "screen"}, True), ({"TERM": "xterm-256color"}, False),
     ({"TERM": "xterm", "COLORTERM": "truecolor"}, False), ({}, False)],
)  # fmt: skip
def test_a_terminal_of_sixteen_colours_keeps_its_own(environ: dict[str, str], few: bool) -> None:
    assert few_colours(environ) is few
    assert (detect({**environ, "SSH_TTY": "x"}).theme == "ansi") is few


def test_far_away_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> bytes:
        raise AssertionError("asked")

    monkeypatch.setattr(terminal_background, "_ask", ask)
    assert detect({"TERM": "xterm-256color", "SSH_CONNECTION": "a 1 b 2"}).theme == "sacred"
    assert detect({"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/1", "COLORFGBG": "0;15"}).theme == "daylight"


def test_the_answer_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_background, "_ask", lambda: b"\x1b]11;rgb:ffff/ffff/ffff\x07hi" + DONE)
    seen = detect({"TERM": "xterm-256color", "COLORFGBG": "15;0"})
    assert (seen.theme, seen.typed) == ("daylight", "hi")
