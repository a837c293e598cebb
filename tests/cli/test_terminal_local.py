"""A real small model on the real screen: a turn with a tool, and Esc in a long answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal
from tests.engine import real_model

REF = f"local:{real_model.NAME}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    pytest.importorskip("xllamacpp")
    folder = tmp_path / ".local/share/ralph/models"
    folder.mkdir(parents=True)
    try:
        (folder / f"{real_model.NAME}.gguf").symlink_to(real_model.fetch())
    except real_model.Unavailable as why:
        pytest.skip(f"no real model: {why}")
    return tmp_path


def test_the_same_turn_with_and_without_a_screen_and_esc(home: Path) -> None:
    plain = ralph(home, "-p", "-m", REF, "What is 17*23?")
    assert plain.returncode == 0, plain.stderr
    with Terminal(command("-m", REF), environment(home), home) as terminal:
        terminal.until(lambda text: "❯" in text and "Enter" in text)
        terminal.send("What is 17*23?\r")
        shown = terminal.until(lambda text: "= 391" in text and "─ " in text and "· free" in text)
        assert 'calculate("17 * 23") → 391' in shown
        terminal.send("Tell me a very long story about every animal of the sea.\r")
        terminal.until(lambda text: "animal of the sea" in text and "Esc" in text)
        terminal.send("\x1b")
        terminal.until(lambda text: "stopped" in text or "cancelled" in text)
        terminal.send("What is 2+3?\r")  # the model is free for the next question
        terminal.until(lambda text: "→ 5" in text and text.count("free") >= 2)
        terminal.send("/quit\r")
        assert terminal.ended() == 0
    turns = json.loads(ralph(home, "show", "last", "--json").stdout)["turns"]
    assert [turn["status"] for turn in turns] == ["ok", "cancelled", "ok"]
    assert turns[0]["text"].strip() == plain.stdout.strip()
