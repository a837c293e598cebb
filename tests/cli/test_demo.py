"""`ralph demo`: a recorded timeline with everything in it, read as any log, and a prompt behind it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from ralph.core.log import events as ev
from ralph.core.timeline.timeline import fold
from ralph.headless.doctor import invariants
from ralph.workflows.demo import demo_events
from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

# No key, and no way to a network: a request through this proxy would fail.
NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}


def stored(home: Path) -> dict[str, int]:
    """How many rows there are of what belongs to a person."""
    with sqlite3.connect(home / ".local/share/ralph/ralph.db") as database:
        names = ("timelines", "events", "attempts")
        return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def test_the_log_holds_what_a_newcomer_should_see() -> None:
    events = demo_events()
    timeline = fold(events[-1].timeline, events)
    assert all(check.ok for check in invariants(events))
    assert timeline.forked_from
    assert [turn.status for turn in timeline.turns] == ["ok", "ok", "ok", "failed", "ok"]
    first, fallen, again, failed, _ = timeline.turns
    assert [block.status for block in first.blocks if block.kind != "user"] == ["ok", "ok", "ok"]
    assert "discarded" in [a.finished.outcome for a in first.attempts if a.finished]
    assert "the person" in [e.event.by for e in events if isinstance(e.event, ev.ToolDecided)]
    asked = fallen.step("format")
    assert asked
    assert [a.end.outcome for a in asked.attempts] == ["failed", "failed", "ok"]
    assert "fallback" in [e.event.kind for e in events if isinstance(e.event, ev.Note) and e.turn == 2]
    assert again.started.rerun_of
    assert failed.step("format")
    assert timeline.cost.nano_usd


def test_plain_it_plays_without_a_terminal_and_writes_nothing(tmp_path: Path) -> None:
    done = ralph(tmp_path, "demo", "--speed", "max", env=NOWHERE)
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "17 % of 2,340 is **397.8**",
        "✗ failed",
        "spare:reserve answers now",
        "kept from",
        "What can I do now?",
    ):
        assert words in done.stdout
    assert stored(tmp_path) == {"timelines": 0, "events": 0, "attempts": 0}
    assert json.loads(ralph(tmp_path, "timelines", "--json").stdout) == []


def test_on_the_screen_it_ends_in_a_prompt_of_ones_own(tmp_path: Path) -> None:
    with Terminal(command("demo", "--speed", "max"), environment(tmp_path, NOWHERE), tmp_path) as terminal:
        shown = terminal.until(lambda text: "at the end" in text and "What can I do now?" in text)
        assert "Enter your own prompt" in shown
        assert "+ - speed" in shown
        terminal.send("\r")
        terminal.until(lambda text: "Enter send" in text and "new timeline" in text)
        assert stored(tmp_path)["events"] == 0
        terminal.send("what is 17% of 2340?\r")
        terminal.until(lambda text: "397.8" in text and "─ " in text)
        terminal.send("\x04")
        assert terminal.ended() == 0
    assert stored(tmp_path)["timelines"] == 1


def test_the_speed_key_and_the_ways_out(tmp_path: Path) -> None:
    with Terminal(command("demo"), environment(tmp_path, NOWHERE), tmp_path) as terminal:
        terminal.until(lambda text: "playing 1×" in text, settled=False)
        terminal.send("+")
        terminal.until(lambda text: "playing 2×" in text, settled=False)
        terminal.send("\x03")
        assert terminal.ended() == 0
