"""In a real terminal, while text streams: stop, resize, paste, wide characters, another model, replay."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

WORDS = " ".join(f"word{n:03d}" for n in range(60))
SCRIPT = f"""
- role: format
  match: slow
  first_token_ms: 20
  piece_ms: 60
  piece_characters: 8
  text: "{WORDS}"
- role: format
  match: wide
  piece_ms: 5
  piece_characters: 3
  text: "你好，世界 🎉 done.\\n\\n| name | 城市 |\\n| --- | --- |\\n| Ada | 東京都 |\\n| 🎉🎉 | Rome |\\n\\nThe end."
- role: format
  match: ""
  text: "It is what it is."
"""
FLAGS = ("-m", "scripted:s.yaml", "--route", "rules")
FOOT = re.compile(r"─ \d\S*s? · .*↑.*↓")
DONE = re.compile(r"(─|cancelled ·[^─❯]*·) \d[\d.]*m?s")


def home(path: Path) -> Path:
    (path / "s.yaml").write_text(SCRIPT)
    (path / "other.yaml").write_text('- text: "I am the other one."\n')
    return path


def ready(text: str) -> bool:
    return "❯" in text and "Enter" in text


def turns(path: Path) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(ralph(path, "show", "last", "--json").stdout)["turns"]
    return made


def flowed(text: str) -> str:
    """The words of a screen, however they are wrapped."""
    return " ".join(text.split())


def whole(terminal: Terminal, columns: int) -> bool:
    """One status line at the top, one line of keys below one prompt, nothing out of the width."""
    lines = terminal.lines
    heads = [n for n, line in enumerate(lines) if line.startswith(" ralph ·")]
    keys = [n for n, line in enumerate(lines) if line.startswith(" Enter send")]
    marks = [n for n, line in enumerate(lines) if line.startswith(" ❯") and n > len(lines) - 6]
    return heads == [0] and len(keys) == len(marks) == 1 and all(cell_len(line) <= columns for line in lines)


def written(terminal: Terminal) -> str:
    """The first line of the prompt, the last on the screen that has its mark."""
    return next((line for line in reversed(terminal.lines) if line.startswith(" ❯")), "")


def test_it_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with Terminal(command(*FLAGS), environment(home(tmp_path)), tmp_path) as terminal:
        before = terminal.fresh_modes
        terminal.until(ready)
        assert terminal.modes != before
        terminal.send("\x04")
        assert terminal.ended() == 0
        assert terminal.modes == before


def test_esc_in_mid_stream_keeps_what_came_and_the_timeline_goes_on(tmp_path: Path) -> None:
    with Terminal(command(*FLAGS), environment(home(tmp_path)), tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("slow please\r")
        terminal.until(lambda text: "word003" in text, settled=False)
        terminal.send("\x1b")
        shown = terminal.until(lambda text: "cancelled ·" in text)
        assert "word003" in shown
        assert "word059" not in shown
        terminal.send("and now?\r")
        terminal.until(lambda text: "It is what it is." in text and FOOT.search(text) is not None)
        terminal.send("\x04")
        assert terminal.ended() == 0
    first, second = turns(tmp_path)
    assert (first["status"], second["status"]) == ("cancelled", "ok")
    assert first["text"].startswith("word000 word001 word002 word003")
    assert flowed(first["text"]) in flowed(shown)


def test_another_size_in_mid_stream(tmp_path: Path) -> None:
    with Terminal(command(*FLAGS), environment(home(tmp_path)), tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("slow please\r")
        for columns, rows, word in ((70, 24, "word003"), (46, 18, "word008"), (132, 43, "word012")):
            terminal.until(lambda text, word=word: word in text, settled=False)
            terminal.resize(columns, rows)
            terminal.until(lambda _, columns=columns: whole(terminal, columns), settled=False)
        shown = terminal.until(lambda text: FOOT.search(text) is not None and whole(terminal, 132))
        assert WORDS in flowed(shown)
        assert shown.count("slow please") == 2  # in the title and in the timeline
        terminal.send("\x04")
        assert terminal.ended() == 0


def test_five_thousand_lines_can_be_pasted_and_cleared_and_sent(tmp_path: Path) -> None:
    text = "\r".join(f"line {n} of a log" for n in range(5000))
    with Terminal(command(*FLAGS), environment(home(tmp_path)), tmp_path) as terminal:
        terminal.until(ready)
        empty = written(terminal)
        terminal.paste(text)
        terminal.until(lambda _: written(terminal) != empty)
        terminal.send("\x03")
        terminal.until(lambda _: written(terminal) == empty)
        terminal.paste(text)
        terminal.until(lambda _: written(terminal) != empty)
        terminal.send("\r")
        terminal.until(lambda shown: "It is what it is." in shown and FOOT.search(shown) is not None)
        terminal.send("\x04")
        assert terminal.ended() == 0
    (turn,) = turns(tmp_path)
    assert turn["prompt"].splitlines() == text.split("\r")


def test_wide_characters_and_emoji_line_up(tmp_path: Path) -> None:
    with Terminal(command(*FLAGS), environment(home(tmp_path)), tmp_path, columns=100) as terminal:
        terminal.until(ready)
        terminal.send("wide: 你好 🎉 wide\r")
        shown = terminal.until(lambda text: "The end." in text and FOOT.search(text) is not None)
        assert "wide: 你好 🎉 wide" in shown
        assert "你好，世界 🎉 done." in shown
        table = [line for line in terminal.lines if "│" in line and any(w in line for w in ("城市", "東京都", "Rome"))]
        assert len(table) == 3
        assert len({cell_len(line[: line.index("│")]) for line in table}) == 1
        asked = next(line for line in terminal.lines if line.startswith(" ❯ wide"))
        plain = next(line for line in terminal.lines if "⚙ tool" in line)
        assert cell_len(asked) <= 100
        assert cell_len(plain) <= 100
        terminal.resize(60, 30)
        shown = terminal.until(lambda _: whole(terminal, 60))
        assert "你好，世界 🎉 done." in shown
        terminal.send("\x04")
        assert terminal.ended() == 0


def test_another_model_while_the_timeline_is_open(tmp_path: Path) -> None:
    with Terminal(command(*FLAGS), environment(home(tmp_path)), tmp_path) as terminal:
        terminal.until(ready)
        terminal.send("who?\r")
        terminal.until(lambda text: "It is what it is." in text and FOOT.search(text) is not None)
        terminal.send("/model scripted:other.yaml\r")
        terminal.until(lambda text: "→ scripted:other.yaml" in text)
        terminal.send("and who now?\r")
        terminal.until(lambda text: "I am the other one." in text and len(FOOT.findall(text)) == 2)
        terminal.send("\x04")
        assert terminal.ended() == 0
    models = [t["steps"][2]["model"] for t in turns(tmp_path)]
    assert models == ["s.yaml", "other.yaml"]


def test_a_replay_is_paused_and_stepped_and_left(tmp_path: Path) -> None:
    ralph(home(tmp_path), "-p", "slow please", *FLAGS)
    ralph(tmp_path, "-c", "-p", "and now?", *FLAGS)
    with Terminal(command("replay", "last"), environment(tmp_path), tmp_path) as terminal:
        terminal.until(lambda text: "word003" in text, settled=False)
        terminal.send(" ")
        shown = terminal.until(lambda text: "paused" in text)
        assert "word059" not in shown
        assert "turn 1 of 2" in shown
        terminal.send("[")
        terminal.until(lambda text: "word003" not in text and "slow please" in text)
        terminal.send("...")
        shown = terminal.until(lambda text: "word059" in text and FOOT.search(text) is not None)
        assert "paused" in shown
        terminal.send("]")
        terminal.until(lambda text: "turn 2 of 2" in text and "and now?" in text)
        terminal.resize(70, 24)
        terminal.send("9")
        terminal.until(lambda text: "at the end" not in text and "turn 2 of 2" in text)
        terminal.send("+++ ")
        shown = terminal.until(lambda text: "at the end" in text and "It is what it is." in text)
        terminal.send("q")
        assert terminal.ended() == 0
    assert [t["prompt"] for t in turns(tmp_path)] == ["slow please", "and now?"]


def test_a_replay_out_of_a_timeline_leads_back_to_it(tmp_path: Path) -> None:
    ralph(home(tmp_path), "-p", "slow please", *FLAGS)
    with Terminal(command("-c", *FLAGS), environment(tmp_path), tmp_path) as terminal:
        terminal.until(lambda text: ready(text) and "word059" in text)
        terminal.send("/replay\r")
        terminal.until(lambda text: "playing" in text and "word059" not in text, settled=False)
        terminal.send("q")
        terminal.until(lambda text: ready(text) and "word059" in text and "playing" not in text)
        terminal.send("and now?\r")
        terminal.until(lambda text: "It is what it is." in text and FOOT.search(text) is not None)
        terminal.send("\x04")
        assert terminal.ended() == 0
    assert len(turns(tmp_path)) == 2
