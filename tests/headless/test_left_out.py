"""Earlier turns that a request does not carry are told, once for each change and not at each turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.context.left_out import make_note
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home, Result, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

WAYS = "; /pin keeps a turn, /context shows what is sent"


def notes(result: Result) -> list[dict[str, Any]]:
    """The notes of this kind in the timeline: the turn, and what it says."""
    rows = result.rows("SELECT turn, data FROM events WHERE type = 'note' ORDER BY seq")
    made = [{"turn": row["turn"], **json.loads(row["data"])} for row in rows]
    return [note for note in made if note["kind"] == "context.left_out"]


async def ask_often(home: Home, count: int, **more: Any) -> list[Result]:
    """So many turns of one timeline, each by a process of its own."""
    return [await home.ask(f"tell me {n}", "text", timeline="last" if n else None, **more) for n in range(count)]


async def test_it_is_told_the_first_time_and_at_each_further_ten(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 9, "output": 1}, times=None))
        results = await ask_often(home_on(tmp_path, "ollama", server.url, "context: {max_turns: 2}\n"), 14)
        last = server.asked[-1].json
    told = [[line for line in result.err.splitlines() if "no longer sent" in line] for result in results]
    assert told[3] == [f"ralph: turn 1 is no longer sent{WAYS}"]
    assert told[12] == [f"ralph: turns 1 to 10 are no longer sent{WAYS}"]
    assert [n for n, lines in enumerate(told) if lines] == [3, 12]
    assert [(n["turn"], len(n["data"]["turns"])) for n in notes(results[-1])] == [(4, 1), (13, 10)]
    assert "tell me 10" not in json.dumps(last)
    assert "tell me 12" in json.dumps(last)
    assert all(result.out == "ok\n" for result in results)


async def test_a_smaller_window_and_a_pin_are_told_in_full(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 9, "output": 1}, times=None))
        home = home_on(tmp_path, "ollama", server.url)
        await ask_often(home, 6)
        (tmp_path / "config.yaml").write_text(
            (tmp_path / "config.yaml").read_text("utf-8") + "context: {max_turns: 1}\n", "utf-8"
        )
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open("last")
            session.update_timeline(pins=("3",))
            await session.submit(UserInput("tell me more"))
            (told,) = (note.text for note in session.timeline().turns[-1].notes)
            assert session.timeline().turns[-1].started.left_out == 4
            await session.close()
    assert told == f"turns 1, 2, 4 and 5 are no longer sent{WAYS}"


async def test_without_earlier_turns_nothing_is_told(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 9, "output": 1}, times=None))
        results = await ask_often(home_on(tmp_path, "ollama", server.url), 3)
    assert notes(results[-1]) == []


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([1], "turn 1 is"),
        ([1, 2], "turns 1 and 2 are"),
        ([1, 2, 3, 4], "turns 1 to 4 are"),
        ([1, 3], "turns 1 and 3 are"),
        ([1, 3, 4, 5, 9], "turns 1, 3 to 5 and 9 are"),
    ],
)
def test_the_turns_are_named_in_ranges(numbers: list[int], words: str) -> None:
    note = make_note(numbers, 0)
    assert note
    assert note.text == f"{words} no longer sent{WAYS}"


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [(0, 0, False), (1, 2, False), (9, 10, True), (10, 19, False), (19, 20, True), (25, 3, False)],
)
def test_small_changes_are_not_told_again(before: int, now: int, told: bool) -> None:
    assert (make_note(range(1, now + 1), before) is not None) is told
