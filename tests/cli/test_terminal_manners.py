"""The manners of a program in a terminal: its title, a sign when a long turn ends, and a last line on the way out."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

SCRIPT = """
- role: route
  text: '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "small talk"}'
- role: format
  text: "A spine."
"""
PRICED = 'prices: {"scripted:s.yaml": {input: 1000, output: 1000}}\nproviders: {scripted: {free: false}}\n'
FLAGS = ("-m", "scripted:s.yaml", "--config", "c.yaml")
PUSH, POP = b"\x1b[22;2t", b"\x1b]2;\x07\x1b[23;2t"
BLUR = "\x1b[O"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    (tmp_path / "c.yaml").write_text(PRICED)
    return tmp_path


def ready(text: str) -> bool:
    return "❯" in text and "Enter send" in text


def ask(terminal: Terminal, words: str) -> None:
    terminal.until(ready)
    terminal.send(f"{words}\r")
    terminal.until(lambda text: "A spine." in text and "─ " in text and words in text)


def bells(painted: bytes) -> int:
    """Those that end no sequence."""
    return re.sub(rb"\x1b\][^\x07]*\x07", b"", painted).count(b"\x07")


def titles(painted: bytes) -> list[str]:
    return [found.decode() for found in re.findall(rb"\x1b\]2;([^\x07]+)\x07", painted)]


def test_the_last_line_says_how_to_go_on_and_what_it_cost(home: Path) -> None:
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        ask(terminal, "what holds it up?")
        terminal.send("\x04")
        assert terminal.ended() == 0
        shown = terminal.text
    [row] = json.loads(ralph(home, "timelines", "--json").stdout)
    cost = json.loads(ralph(home, "show", "last", "--json").stdout)["cost"]["nano_usd"]
    said = re.search(r"Resume: ralph -r (\w+) · this session cost \W*\$(\S+)", shown)
    assert said, shown
    assert said[1] == row["id"]
    assert float(said[2]) == pytest.approx(cost / 1e9, rel=0.1)
    with Terminal(command("-r", row["id"], *FLAGS), environment(home), home) as terminal:
        terminal.until(ready)
        terminal.send("\x04")
        assert terminal.ended() == 0
        assert "Resume" not in terminal.text  # nothing was asked


def test_without_saving_there_is_nothing_to_go_on_with(home: Path) -> None:
    with Terminal(command(*FLAGS, "--no-save"), environment(home), home) as terminal:
        ask(terminal, "what holds it up?")
        terminal.send("\x04")
        assert terminal.ended() == 0
        assert re.search(r"This session cost \S*\$", terminal.painted.decode())
        assert "Resume" not in terminal.text


def test_the_title_is_that_of_the_timeline_and_the_old_one_comes_back(home: Path) -> None:
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        ask(terminal, "what holds it up?")
        terminal.until(lambda _: "ralph · what holds it up?" in titles(terminal.painted))
        terminal.send("\x04")
        assert terminal.ended() == 0
        assert titles(terminal.painted)[0] == "ralph · new timeline"
        assert (terminal.painted.count(PUSH), terminal.painted.count(POP)) == (1, 1)
        assert terminal.painted.index(PUSH) < terminal.painted.index(POP)


def test_a_signal_brings_the_old_title_back_too(home: Path) -> None:
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        terminal.until(ready)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended() == 143
        assert (terminal.painted.count(PUSH), terminal.painted.count(POP)) == (1, 1)


def test_ctrl_z_gives_the_title_to_the_shell_and_takes_it_again(home: Path) -> None:
    line = " ".join(command(*FLAGS))
    env = {**environment(home), "PS1": "shell$ ", "HISTFILE": ""}
    with Terminal(["bash", "--norc", "-i"], env, home) as terminal:
        terminal.until(lambda text: "shell$" in text)
        terminal.send(line + "\r")
        terminal.until(ready)
        terminal.send("\x1a")
        terminal.until(lambda text: "Stopped" in text and "shell$" in text)
        assert terminal.painted.count(POP) == 1
        terminal.send("fg\r")
        terminal.until(lambda text: ready(text) and terminal.painted.count(PUSH) == 2)


@pytest.mark.parametrize(("config", "term"), [("ui: {terminal_title: off}\n", "xterm-256color"), ("", "linux")])
def test_the_title_stays_where_it_is_not_wanted_or_not_known(home: Path, config: str, term: str) -> None:
    (home / "c.yaml").write_text(config)
    with Terminal(command(*FLAGS), environment(home), home, name=term) as terminal:
        terminal.until(ready)
        terminal.send("\x04")
        assert terminal.ended() == 0
        assert b"\x1b]2;" not in terminal.painted
        assert PUSH not in terminal.painted


@pytest.mark.parametrize(
    ("notify", "term", "keys", "sign"),
    [
        ("focus", "xterm-256color", BLUR, b"\x07"),
        ("focus", "xterm-256color", "", b""),
        ("always", "xterm-256color", "", b"\x07"),
        ("always", "xterm-kitty", "", b"\x1b]9;ralph: what holds it up? \xc2\xb7 done in "),
        ("always", "foot", "", b"\x1b]777;notify;ralph;ralph: what holds it up? \xc2\xb7 done in "),
        ("off", "xterm-256color", BLUR, b""),
    ],
)
def test_a_long_turn_gives_a_sign_to_who_looks_elsewhere(
    home: Path, notify: str, term: str, keys: str, sign: bytes
) -> None:
    (home / "c.yaml").write_text(f"ui: {{terminal_title: off, notify: {notify}, notify_after_s: 0}}\n")
    with Terminal(command(*FLAGS), environment(home), home, name=term) as terminal:
        terminal.until(ready)
        terminal.send("what holds it up?" + "\r" + keys)
        terminal.until(lambda text: "A spine." in text and "timeline" in text)
        terminal.send("\x04")
        terminal.ended()
        assert bells(terminal.painted) == (sign == b"\x07")
        assert sign in terminal.painted


def test_a_short_turn_gives_no_sign(home: Path) -> None:
    (home / "c.yaml").write_text("ui: {terminal_title: off, notify: always}\n")
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        ask(terminal, "what holds it up?")
        terminal.send("\x04")
        terminal.ended()
        assert bells(terminal.painted) == 0
