"""What could not be stored, and what died of a mistake, is told in the form that was asked for; no text is lost."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ralph.config.paths import database
from ralph.headless.run import Output
from ralph.pipeline.turn import TurnRun
from tests.cli.process import environment
from tests.headless.ask import Home, Result

WORDS = "The tide comes in twice a day, and twice it goes."
# The database refuses the first event of this type: in mid-turn, or when all is over but for what is left to write.
BEFORE, WHILE = ("turn.started", "attempt.started"), ("block.delta", "attempt.finished", "turn.finished")


def home_with(path: Path, **line: Any) -> Home:
    """A home whose model says `WORDS`, and whose database is there already."""
    (path / "script.json").write_text(json.dumps([{"text": WORDS, "piece_characters": 7, **line}]))
    return Home(path)


def refuse(home: Home, event: str) -> None:
    """From now on the database takes no event of this type."""
    with contextlib.closing(sqlite3.connect(database(home.environ))) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS refuse")
        table, which = "event_deltas", ""
        if event != "block.delta":
            kind = connection.execute("SELECT id FROM event_types WHERE type = ?", (event,)).fetchone()[0]
            table, which = "event_rows", f"WHEN NEW.kind = {kind}"
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} {which}"
            " BEGIN SELECT RAISE(ABORT, 'the shelf is broken'); END"
        )


async def ask(home: Home, output: Output, **more: Any) -> Result:
    return await home.ask("when is the tide?", output, model=f"scripted:{home.path}/script.json", route="rules", **more)


async def made(path: Path, event: str, **line: Any) -> Home:
    home = home_with(path, **line)
    assert (await ask(home, "json")).code == 0
    refuse(home, event)
    return home


@pytest.mark.parametrize("event", WHILE)
async def test_an_answer_that_could_not_be_stored_is_printed_and_its_run_failed(tmp_path: Path, event: str) -> None:
    home = await made(tmp_path, event)
    told = await ask(home, "json")
    assert (told.code, told.json["status"], told.json["error"]["kind"]) == (1, "failed", "store")
    assert told.json["text"] == WORDS
    assert "the shelf is broken" in told.json["error"]["message"]
    assert f"of {len(WORDS)} characters shown 0 were kept" in told.err
    text = await ask(home, "text")
    assert (text.code, text.out) == (1, f"{WORDS}\n")
    assert text.err.count("the shelf is broken") == 1
    assert text.err.startswith("ralph: ")


@pytest.mark.parametrize("event", BEFORE)
async def test_nothing_is_asked_of_a_model_that_could_not_be_stored(tmp_path: Path, event: str) -> None:
    home = await made(tmp_path, event)
    told = await ask(home, "json")
    assert (told.code, told.json["status"], told.json["error"]["kind"], told.json["text"]) == (1, "failed", "store", "")
    assert told.json["usage"]["source"] == "none"
    text = await ask(home, "text")
    assert (text.code, text.out) == (1, "")
    assert text.err.count("the shelf is broken") == 1


async def test_a_store_that_fails_in_the_middle_of_an_answer_ends_it_there(tmp_path: Path) -> None:
    """What is not kept is not paid for: the rest is not waited for. What had come is printed."""
    words = WORDS * 400
    home = home_with(tmp_path, piece_ms=20)
    (tmp_path / "script.json").write_text(json.dumps([{"text": WORDS}, {"text": words, "piece_ms": 20}]))
    assert (await ask(home, "json")).code == 0
    (tmp_path / "script.json").write_text(json.dumps([{"text": words, "piece_ms": 20}]))
    refuse(home, "block.delta")
    told = await ask(home, "json")
    text = told.json["text"]
    assert (told.code, told.json["status"], told.json["error"]["kind"]) == (1, "failed", "store")
    assert text
    assert words.startswith(text)
    assert len(text) < len(words) // 2
    assert [s["status"] for s in told.json["steps"]][-1] == "failed"


@pytest.mark.parametrize("output", ["json", "text", "jsonl"])
async def test_a_turn_that_dies_of_a_mistake_is_one_sentence(
    tmp_path: Path, output: Output, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def die(_: TurnRun) -> None:
        raise LookupError("by design")

    monkeypatch.setattr(TurnRun, "run", die)
    home = home_with(tmp_path)
    told = await ask(home, output)
    assert told.code == 1
    assert told.err.splitlines() == ["ralph: ralph hit a bug: LookupError('by design'); please report it, with the log"]
    assert "a turn met a mistake in ralph" in caplog.text
    if output == "json":
        assert (told.json["status"], told.json["error"]["kind"]) == ("failed", "internal")


# Run as `ralph` with something in it that raises where nobody waits for it.
BROKEN = """
import asyncio, gc, sys
from ralph.__main__ import main
from ralph.session.session import Session

real = Session.submit

def broken():
    raise ZeroDivisionError("by nothing")

async def dies():
    broken()

def submit(self, *values, **named):
    loop = asyncio.get_running_loop()
    {break_it}
    return real(self, *values, **named)

Session.submit = submit
main()
"""
BREAKS = {
    "callback": "loop.call_soon(broken)",
    "timer": "loop.call_later(0, broken)",
    "task": "loop.create_task(dies()); loop.call_later(0.01, gc.collect)",
    "thread": "loop.run_in_executor(None, broken); loop.call_later(0.05, gc.collect)",
}


@pytest.mark.parametrize("kind", BREAKS)
def test_what_nobody_waits_for_is_a_sentence_and_the_turn_goes_on(tmp_path: Path, kind: str) -> None:
    home = home_with(tmp_path, first_token_ms=100)
    arguments = ["-p", "when is the tide?", "-m", f"scripted:{tmp_path}/script.json", "--route", "rules"]
    run = subprocess.run(
        [sys.executable, "-c", BROKEN.format(break_it=BREAKS[kind]), *arguments],
        cwd=tmp_path, env=environment(tmp_path, home.environ), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (0, f"{WORDS}\n"), run.stderr
    assert "Traceback" not in run.stderr
    assert "never retrieved" not in run.stderr
    told = [line for line in run.stderr.splitlines() if "hit a bug" in line]
    assert told == ["ralph: ralph hit a bug: ZeroDivisionError('by nothing'); the log has the rest"]
    assert "ZeroDivisionError" in "".join(p.read_text() for p in tmp_path.rglob("*.log"))
