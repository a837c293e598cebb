"""Whatever ends or stops a program of the screen, the terminal is the shell's again."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind there")

SCRIPT = """
- role: format
  match: slow
  piece_ms: 100
  piece_characters: 6
  text: "@"
- role: format
  match: ""
  text: "It is what it is."
""".replace("@", " ".join(f"word{n:03d}" for n in range(900)))
FLAGS = ("-m", "scripted:s.yaml", "--route", "rules")
# What a program switches on in a terminal, and off again: DECSET numbers, and the kitty protocol's stack.
SWITCH = re.compile(rb"\x1b\[\?([0-9;]+)([hl])|\x1b\[([<>])[0-9]*u")
# A cursor that is seen, and lines that wrap, are how a terminal begins.
AT_FIRST = {b"25", b"7"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    return tmp_path


def ready(text: str) -> bool:
    return "❯" in text and "Enter" in text


def switched(painted: bytes) -> set[bytes]:
    """What is on after all this, of what is off in a terminal at first, and the other way round."""
    on = set(AT_FIRST)
    for numbers, which, keys in SWITCH.findall(painted):
        names = numbers.split(b";") if numbers else [b"keys"]
        on = on | set(names) if which == b"h" or keys == b">" else on - set(names)
    return on ^ AT_FIRST


ENDS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131), (signal.SIGINT, 130)]


@pytest.mark.parametrize(("number", "code"), ENDS, ids=str)
def test_a_signal_in_mid_stream_gives_the_terminal_back_and_keeps_what_came(
    number: signal.Signals, code: int, home: Path
) -> None:
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        before = terminal.fresh_modes
        terminal.until(ready)
        terminal.send("slow please\r")
        terminal.until(lambda text: "word003" in text, settled=False)
        assert switched(terminal.painted)
        os.kill(terminal.pid, number)
        assert terminal.ended() == code
        assert terminal.modes == before
        assert switched(terminal.painted) == set()
        assert b"Traceback" not in terminal.painted
    (turn,) = json.loads(ralph(home, "show", "last", "--json").stdout)["turns"]
    assert turn["status"] == "cancelled"
    assert turn["text"].startswith("word000")


@pytest.mark.parametrize(("number", "code"), ENDS[:3], ids=str)
def test_a_replay_gives_the_terminal_back_too(number: signal.Signals, code: int, home: Path) -> None:
    ralph(home, "-p", "anything", *FLAGS)
    with Terminal(command("replay", "last"), environment(home), home) as terminal:
        before = terminal.fresh_modes
        terminal.until(lambda text: "turn 1 of 1" in text, settled=False)
        os.kill(terminal.pid, number)
        assert terminal.ended() == code
        assert (terminal.modes, switched(terminal.painted)) == (before, set())


def test_a_terminal_that_goes_away_ends_it_with_what_came(home: Path) -> None:
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        terminal.until(ready)
        terminal.send("slow please\r")
        terminal.until(lambda text: "word003" in text, settled=False)
        assert terminal.vanished() in (129, 1)
    (turn,) = json.loads(ralph(home, "show", "last", "--json").stdout)["turns"]
    assert turn["text"].startswith("word000")


def test_ctrl_z_goes_to_the_shell_and_fg_comes_back_with_the_draft(home: Path) -> None:
    line = " ".join(command(*FLAGS))
    env = {**environment(home), "PS1": "shell$ ", "HISTFILE": ""}
    with Terminal(["bash", "--norc", "-i"], env, home) as terminal:
        terminal.until(lambda text: "shell$" in text)
        terminal.send(line + "\r")
        terminal.until(ready)
        terminal.send("half a question")
        terminal.until(lambda text: "half a question" in text)
        terminal.send("\x1a")
        terminal.until(lambda text: "Stopped" in text and "shell$" in text)
        assert switched(terminal.painted) - {b"2004"} == set()  # bash itself brackets what is pasted
        terminal.send("echo I am $((20 + 22))\r")
        terminal.until(lambda text: "I am 42" in text)
        terminal.send("fg\r")
        terminal.until(lambda text: ready(text) and "half a question" in text and "I am 42" not in text)
        terminal.send(" more\r")
        terminal.until(lambda text: "It is what it is." in text and "half a question more" in text)
        terminal.send("\x04")
        terminal.until(lambda text: "shell$" in text)
        terminal.send("exit\r")
        terminal.ended()


def test_a_stop_that_nobody_can_see_coming_is_drawn_over_and_the_end_is_clean(home: Path) -> None:
    """kill -STOP, another size meanwhile, kill -CONT."""
    with Terminal(command(*FLAGS), environment(home), home) as terminal:
        before = terminal.fresh_modes
        terminal.until(ready)
        terminal.send("a draft")
        terminal.until(lambda text: "a draft" in text)
        os.kill(terminal.pid, signal.SIGSTOP)
        terminal.wipe()
        terminal.resize(90, 30)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until(lambda text: "a draft" in text and ready(text))
        terminal.send(" on\r")
        terminal.until(lambda text: "It is what it is." in text)
        terminal.send("\x04")
        assert terminal.ended() == 0
        assert (terminal.modes, switched(terminal.painted)) == (before, set())


def test_a_mistake_that_ends_it_gives_the_terminal_back(home: Path) -> None:
    broken = (
        "import ralph.tui.app as a\n"
        "def boom(self): raise RuntimeError('boom')\n"
        "a.RalphApp.compose = boom\n"
        "from ralph.__main__ import main; main()"
    )
    run = [sys.executable, "-c", broken, *FLAGS]
    with Terminal(run, environment(home), home) as terminal:
        before = terminal.fresh_modes
        assert terminal.ended() == 1
        assert (terminal.modes, switched(terminal.painted)) == (before, set())
