"""Listeners of other packages, installed as pip would leave them: told of what is stored, and never in the way."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.process import environment, ralph

SUM = "what is 17% of 2340?"
GOOD = '''
import json, sqlite3

class Kept:
    """Writes down each event and whether it is in the database by then; each live piece."""

    def event(self, envelope):
        with sqlite3.connect("@DB@") as db:
            stored = db.execute(
                "SELECT count(*) FROM events WHERE timeline = ? AND seq = ?", (envelope.timeline, envelope.seq)
            ).fetchone()[0]
        self.put([envelope.timeline, envelope.seq, envelope.event.type, stored])

    def chunk(self, block, channel, ms, text):
        self.put([block, channel, text])

    def put(self, what):
        with open("kept.jsonl", "a") as file:
            file.write(json.dumps(what) + "\\n")

LISTENER = Kept()
'''
BAD = """
class Bad:
    def event(self, envelope):
        raise ValueError(f"no to {envelope.event.type}")

LISTENER = Bad()
"""


def site(home: Path, **listeners: str) -> dict[str, str]:
    """The environment in which these listeners are installed."""
    folder = home / "site"
    info = folder / "ralph_listeners-1.0.dist-info"
    info.mkdir(parents=True)
    points = "[ralph.listeners]\n"
    for name, source in listeners.items():
        (folder / f"ralph_{name}.py").write_text(source.replace("@DB@", str(home / "data" / "ralph.db")))
        points += f"{name} = ralph_{name}:LISTENER\n"
    (info / "METADATA").write_text("Name: ralph-listeners\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)
    here = environment(home)["PYTHONPATH"]
    return {"PYTHONPATH": f"{folder}:{here}", "RALPH_DATA_DIR": str(home / "data")}


def kept(home: Path) -> list[list[object]]:
    return [json.loads(line) for line in (home / "kept.jsonl").read_text().splitlines()]


def test_a_listener_gets_every_event_of_every_session_after_it_was_stored(tmp_path: Path) -> None:
    env = site(tmp_path, good=GOOD)
    streamed = ralph(tmp_path, "-p", SUM, "--output", "jsonl", env=env).stdout
    ralph(tmp_path, "-c", "-p", "/rename Sums", env=env)
    ralph(tmp_path, "-c", "-p", "/retry", env=env)
    rows = [row for row in kept(tmp_path) if len(row) == 4]
    pieces = [row for row in kept(tmp_path) if len(row) == 3]
    assert all(row[3] == 1 for row in rows)
    first = [json.loads(line) for line in streamed.splitlines()]
    assert [row[1:3] for row in rows[: len(first)]] == [[e["seq"], e["type"]] for e in first]
    assert rows[len(first)][2] == "timeline.changed"
    fork = json.loads(ralph(tmp_path, "timelines", "--json", env=env).stdout)[0]["id"]
    events = ralph(tmp_path, "export", fork, "--to", "jsonl", env=env).stdout.splitlines()
    own = [e for e in map(json.loads, events) if e["timeline"] == fork]
    assert [row[2] for row in rows if row[0] == fork] == [e["type"] for e in own[1:]]  # the first made the fork
    assert "".join(str(text) for _, channel, text in pieces if channel == "text").startswith("17% of 2340 is 397.8.")


@pytest.mark.parametrize("more", [(), ("--no-save",)])
def test_one_that_raises_is_told_once_and_harms_nothing(tmp_path: Path, more: tuple[str, ...]) -> None:
    env = site(tmp_path, bad=BAD, good=GOOD)
    done = ralph(tmp_path, "-p", SUM, *more, env=env)
    assert (done.returncode, done.stdout) == (0, "17% of 2340 is 397.8.\n")
    told = "ralph: the listener 'bad' failed: ValueError('no to timeline.opened')"
    assert done.stderr.splitlines().count(told) == 1  # before or after the cost line: listeners hear after the commit
    assert done.stderr.count("the listener 'bad'") == 1
    assert [row[2] for row in kept(tmp_path) if len(row) == 4].count("turn.finished") == 1
    if more:
        return
    with sqlite3.connect(tmp_path / "data" / "ralph.db") as db:
        notes = db.execute("SELECT json_extract(data, '$.text') FROM events WHERE type = 'note'").fetchall()
    db.close()
    assert notes == [("the listener 'bad' failed: ValueError('no to timeline.opened')",)]
    assert ralph(tmp_path, "doctor", "last", env=env).returncode == 0


def test_one_that_cannot_be_loaded_is_left_out(tmp_path: Path) -> None:
    env = site(tmp_path, broken="import nosuch\n", good=GOOD)
    done = ralph(tmp_path, "-p", SUM, env=env)
    assert (done.returncode, done.stdout) == (0, "17% of 2340 is 397.8.\n")
    assert kept(tmp_path)
