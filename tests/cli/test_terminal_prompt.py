"""The prompt in a real terminal: a huge paste, what was sent in another session, the editor, the list of commands."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

PASTE = "\n".join(f"line {n} 日本 😀" for n in range(5000))


def ready(text: str) -> bool:
    return "❯" in text and "Enter" in text


def test_a_paste_of_thousands_of_lines_and_what_was_sent_in_the_session_before(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with Terminal(command(), env, tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("sum it 😀 ")
        terminal.send("\x1b[200~" + PASTE.replace("\n", "\r") + "\x1b[201~")
        terminal.until(lambda text: "[paste 1: 5,000 lines]" in text)
        terminal.send("\r")
        terminal.until(lambda text: "no_model" in text)
        terminal.send("/qu\r")
        assert terminal.ended() == 0
    turn = json.loads(ralph(tmp_path, "show", "last", "--json").stdout)["turns"][0]
    assert turn["prompt"] == f"sum it 😀 {PASTE}"
    with Terminal(command(), env, tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("\x12")
        terminal.until(lambda text: "latest first" in text and "sum it" in text)
        terminal.send("sumit\r")
        terminal.until(lambda text: "[paste 1: 4,999 lines]" in text)
        terminal.send("\x03\x04")
        assert terminal.ended() == 0
    timeline = json.loads(ralph(tmp_path, "timelines", "--json").stdout)[0]["id"]
    assert ralph(tmp_path, "delete", timeline).returncode == 0
    assert "sum it" not in "".join(p.read_text() for p in tmp_path.rglob("prompts.jsonl"))


def test_nothing_of_a_paste_is_taken_for_keys(tmp_path: Path) -> None:
    with Terminal(command(), environment(tmp_path), tmp_path) as terminal:
        terminal.until(ready)
        terminal.paste("\x1b[31mred\x1b[0m\r/quit\r")
        terminal.until(lambda text: "red" in text and "/quit" in text)
        terminal.send("\x03\x04")
        assert terminal.ended() == 0


def test_a_byte_that_is_no_text_ends_nothing(tmp_path: Path) -> None:
    """As Alt+i is where a terminal sends eight bits, or a paste in Latin-1."""
    with Terminal(command(), environment(tmp_path), tmp_path) as terminal:
        terminal.until(ready)
        terminal.send_bytes(b"caf\xe9 au lait")
        terminal.until(lambda text: "caf\ufffd au lait" in text)
        terminal.send("\x03\x04")
        assert terminal.ended() == 0


def test_the_editor_has_the_terminal_and_gives_it_back(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho THE EDITOR\nread answer\necho "said $answer" >> "$1"\ntest "$answer" != no\n')
    editor.chmod(0o755)
    env = {**environment(tmp_path), "EDITOR": str(editor)}
    with Terminal(command(), env, tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("first words\x07")
        terminal.until(lambda text: "THE EDITOR" in text)
        terminal.send("yes\r")
        terminal.until(lambda text: "THE EDITOR" not in text and "said yes" in text)
        terminal.send("\x07")
        terminal.until(lambda text: "THE EDITOR" in text)
        terminal.send("no\r")
        shown = terminal.until(lambda text: "THE EDITOR" not in text and "ended with code 1" in text)
        assert "said no" not in shown
        terminal.send("\x03")
        terminal.until(lambda text: "Ask something" in text)
        terminal.send("\x04")
        assert terminal.ended() == 0


def test_a_session_that_is_not_saved_leaves_nothing(tmp_path: Path) -> None:
    with Terminal(command("--no-save"), environment(tmp_path), tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("what is 2+2?\r")
        terminal.until(lambda text: "─ " in text and "free" in text)
        terminal.send("\x04")
        assert terminal.ended() == 0
    assert list(tmp_path.rglob("prompts.jsonl")) == []
