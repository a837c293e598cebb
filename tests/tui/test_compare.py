"""`/compare` on the screen: what each model has done so far, and what came of it, with figures that are honest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ralph.commands._dispatch import run
from ralph.core.llm.usage import UNKNOWN_COST, Cost
from ralph.core.log import events as ev
from ralph.tui.app import RalphApp
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, HandClock, Play, Step, turn
from tests.tui.see import lines, text, until, view, write
from tests.tui.test_commands import Listening


@pytest.fixture
def play(clock: HandClock) -> Play:
    return Play(clock=clock).past(1, turn(1, "how many?"))


def gated(play: Play) -> Gate:
    """The second of them waits in the middle of its answer."""
    gate, begun = Gate(), list[str]()

    def script(number: int, prompt: str, context: str) -> Sequence[Step]:
        begun.append(prompt)
        return turn(number, prompt, "One two three four five six.", gate=gate if len(begun) > 1 else None)

    play.script = script
    return gate


def rows(app: RalphApp) -> list[str]:
    return [line for line in lines(app) if line.startswith("   │ ") and (":a " in line or ":b " in line)]


@pytest.mark.parametrize("width", [80, 120])
async def test_what_each_has_done_so_far_is_seen(play: Play, clock: HandClock, make_app: MakeApp, width: int) -> None:
    gate = gated(play)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(width, 30)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: len(rows(app)) == 2 and "✓ anthropic:a  ok" in rows(app)[0])
        done, running = rows(app)
        assert "3.13s" in done
        assert done.endswith("$0.0042")
        assert "1,752↑" in done or "1.8k↑" in done
        await until(pilot, lambda: " ollama:b     format, 3 words so far" in rows(app)[1])
        clock.at = 7.0
        await until(pilot, lambda: "7.00s" in rows(app)[1])
        assert "852↑" in rows(app)[1]  # of the requests that have ended
        assert "$0.0025" in rows(app)[1]
        assert rows(app)[0] == done
        assert all(len(line) <= width for line in lines(app))
        assert running[5] in "◐◓◑◒"
        gate.opened.set()
        await until(pilot, lambda: "goes on from an answer" in text(app))
        assert "so far" not in text(app)
        assert "✓ anthropic:a" not in text(app)
        assert lines(app).count("   /compare anthropic:a ollama:b") == 1


async def test_the_rows_go_with_their_timeline(play: Play, make_app: MakeApp) -> None:
    gated(play)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: "so far" in text(app))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.conversation is not play and not app.workers)
        assert rows(app) == []


async def test_a_reader_stays_when_the_rows_come_late(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    for number in range(2, 20):
        play.past(number, turn(number, "and?"))
    gate, desk = gated(play), Desk(play)
    forked = desk.timelines.fork

    async def slow(*given: object, **more: object) -> str:
        clock.at += 3
        return await forked(*given, **more)  # type: ignore[arg-type]

    desk.timelines.fork = slow  # type: ignore[method-assign]
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b")
        await pilot.press("enter", "ctrl+home")
        await until(pilot, lambda: "so far" in text(app))
        assert view(app).scroll_y == 0
        gate.opened.set()
        await until(pilot, lambda: "goes on from an answer" in text(app))


@pytest.mark.parametrize(
    ("source", "cost", "told"),
    [
        ("reported", Cost(4_200_000, "computed"), "| 3.13s | 1,752 | 187 | $0.013 |"),
        ("counted", Cost(4_200_000, "estimated"), "| 3.13s | ≈1,752 | ≈187 | \\~$0.013 |"),
        ("estimated", UNKNOWN_COST, "| 3.13s | \\~1,752 | \\~187 | unknown |"),
        ("reported", Cost(), "| 3.13s | 1,752 | 187 | free |"),
        ("none", Cost(), "| 3.13s |  |  | $0 |"),
    ],
)
async def test_figures_say_how_they_are_known(play: Play, source: str, cost: Cost, told: str) -> None:
    def script(number: int, prompt: str, context: str) -> list[Step]:
        made: list[Step] = []
        for ms, step in turn(number, prompt):
            if isinstance(step, ev.AttemptFinished | ev.TurnFinished):
                made.append((ms, replace(step, usage=replace(step.usage, source=source), cost=cost)))
            else:
                made.append((ms, step))
        return made

    play.script = script
    face = Listening(Desk(play), play)
    await run("/compare ollama:b", face)
    assert told in face.said[-1]


async def test_a_short_time_is_not_nothing(play: Play) -> None:
    def script(number: int, prompt: str, context: str) -> list[Step]:
        return [
            (ms, replace(s, duration_ms=15.0) if isinstance(s, ev.TurnFinished) else s)
            for ms, s in turn(number, prompt)
        ]

    play.script = script
    face = Listening(Desk(play), play)
    await run("/compare ollama:b", face)
    assert "| ollama:b | ok | 15ms |" in face.said[-1]
