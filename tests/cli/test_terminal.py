"""In a real terminal: start, ask, watch three blocks, quit, start again with the same numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

SCRIPT = """
- role: route
  first_token_ms: 80
  text: '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "small talk"}'
- role: format
  first_token_ms: 100
  piece_ms: 20
  text: "A spine holds **everything** up.\\n\\n- route\\n- tool\\n- format\\n"
"""
FOOT = re.compile(r"─ \d.*↑.*↓.*")


def figures(text: str) -> str:
    """The line under a turn: time, tokens, cost."""
    found = FOOT.search(text)
    assert found, text
    return found[0].rstrip()


def test_start_ask_quit_and_go_on(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    env = environment(tmp_path)
    with Terminal(command("-m", "scripted:s.yaml"), env, tmp_path) as terminal:
        terminal.until(lambda text: "❯" in text and "Enter" in text)
        terminal.send("what holds it up?\r")
        terminal.until(lambda text: "route" in text and "small talk" in text)
        shown = terminal.until(lambda text: FOOT.search(text) is not None)
        for word in ("what holds it up?", "route", "tool", "skipped", "format", "ok", "A spine holds everything up."):
            assert word in shown, word
        before = figures(shown)
        terminal.send("\x04")
        assert terminal.ended() == 0
    with Terminal(command("-c", "-m", "scripted:s.yaml"), env, tmp_path) as terminal:
        again = terminal.until(lambda text: FOOT.search(text) is not None)
        assert "A spine holds everything up." in again
        assert figures(again) == before
        terminal.send("\x04")
        assert terminal.ended() == 0
    turn = json.loads(ralph(tmp_path, "show", "last", "--json").stdout)["turns"][0]
    assert f"{turn['usage']['input']:,}↑" in before


def test_without_a_model_a_block_says_how_to_connect_one(tmp_path: Path) -> None:
    # Named outright: a server of models on this machine would be found, and answer.
    with Terminal(command("-m", "builtin:rules"), environment(tmp_path), tmp_path) as terminal:
        terminal.until(lambda text: "❯" in text and "Enter" in text)
        terminal.send("what is 17% of 2340?\r")
        terminal.until(lambda text: "397.8" in text and "─ " in text)
        terminal.send("who wrote the Iliad?\r")
        terminal.until(lambda text: "no_model" in text and "/connect" in text)
        terminal.send("/quit\r")
        assert terminal.ended() == 0


def test_a_pipe_is_read_before_the_screen_starts(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    (tmp_path / "piped.txt").write_text("forty-two lines of log")
    line = " ".join(command("-m", "scripted:s.yaml"))
    with Terminal(["bash", "-c", f"cat piped.txt | {line}"], environment(tmp_path), tmp_path) as terminal:
        terminal.until(lambda text: "❯" in text and "Enter" in text)
        terminal.send("what is in it?\r")
        terminal.until(lambda text: FOOT.search(text) is not None)
        terminal.send("\x04")
        assert terminal.ended() == 0
    turn = json.loads(ralph(tmp_path, "show", "last", "--json").stdout)["turns"][0]
    assert (turn["prompt"], turn["context"]) == ("what is in it?", "forty-two lines of log")


def test_auto_is_bright_where_the_terminal_says_so_and_what_was_typed_meanwhile_is_kept(tmp_path: Path) -> None:
    """The answer lies ready before it is asked for, as if the terminal were quick."""
    (tmp_path / "c.yaml").write_text("ui: {theme: auto}\n")
    with Terminal(command("--config", "c.yaml"), environment(tmp_path), tmp_path) as terminal:
        terminal.send("hel\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;22c")
        shown = terminal.until(lambda text: "❯" in text and "Enter" in text)
        assert "❯ hel" in shown
        assert "rgb" not in shown
        assert int(terminal.ground(20, 60)[:2], 16) > 200
        terminal.send("\x03\x04")
        assert terminal.ended() == 0


def test_keys_and_a_theme_of_ones_own_come_from_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.yaml").write_text('primary: "#ffffff"\nbackground: "#ff0000"\n')
    (tmp_path / "c.yaml").write_text("ui:\n  theme: mine\n  keys: {help: f5, turn.stpo: f8}\n")
    with Terminal(command("--config", "c.yaml"), environment(tmp_path), tmp_path) as terminal:
        shown = terminal.until(lambda text: "turn.stpo" in text)
        assert "F5 help" in shown
        assert "c.yaml:3" in shown
        assert terminal.ground(15, 10) == "ff0000"
        terminal.send("\x04")
        assert terminal.ended() == 0


def test_what_is_typed_before_the_prompt_is_there_stands_in_it(tmp_path: Path) -> None:
    with Terminal(command("-m", "builtin:rules"), environment(tmp_path), tmp_path) as terminal:
        for letter in "10 km in":  # while Python loads, and while the screen is being made
            terminal.send(letter)
            terminal.until(lambda text: True)
        terminal.send(" miles")
        terminal.until(lambda text: "❯ 10 km in miles" in text and "Enter" in text)
        terminal.send("\r")
        terminal.until(lambda text: "6.2137" in text)
