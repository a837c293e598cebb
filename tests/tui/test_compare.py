"""`/compare` on the screen: what each model has done so far, and what came of it, with figures that are honest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ralph.commands._dispatch import run
from ralph.commands.compare import COMMAND
from ralph.core.errors import Failure
from ralph.core.llm.usage import UNKNOWN_COST, Cost
from ralph.core.log import events as ev
from ralph.core.timeline.compared import answers_of
from ralph.tui.app import RalphApp
from ralph.tui.timeline.beside import BesideDrawing
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


def heads(app: RalphApp) -> list[str]:
    """The lines that name a model of the comparison."""
    return [line for line in lines(app) if "anthropic:a" in line or "ollama:b" in line]


def shown(app: RalphApp) -> list[str]:
    """The comparison as it stands."""
    found = lines(app)
    first = next(n for n, line in enumerate(found) if "anthropic:a  " in line and "/compare" not in line)
    return found[first:]


@pytest.mark.parametrize("width", [100, 120, 200])
async def test_answers_stream_side_by_side(play: Play, clock: HandClock, make_app: MakeApp, width: int) -> None:
    gate = gated(play)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(width, 40)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: any("✓ ok" in line and "ollama:b" in line for line in heads(app)))
        await until(pilot, lambda: any(line.count("One two three") == 2 for line in shown(app)))
        head, answer = shown(app)[0], next(line for line in shown(app) if "One two three" in line)
        assert "anthropic:a  ✓ ok" in head
        assert any(f"ollama:b  {sign} format" in head for sign in "◐◓◑◒")
        assert head.index(" │ ") == answer.index(" │ ")
        left, right = answer.split(" │ ")
        assert left.strip() == "One two three four five six."
        assert right.strip() == "One two three"
        clock.at = 7.0
        await until(pilot, lambda: "7.00s" in text(app))
        foot = next(line for line in shown(app) if "7.00s" in line)
        assert "─ 3.13s · 1,752↑ 187↓ · $0.0042" in foot
        assert "─ 7.00s · 852↑ 119↓ · $0.0025" in foot  # of the requests that have ended
        assert all(len(line) <= width for line in lines(app))
        gate.opened.set()
        await until(pilot, lambda: play.timeline().work)
        await until(pilot, lambda: "1 anthropic:a" in text(app))
        assert "format" not in shown(app)[0]
        assert sum("ollama:b  ✓ ok" in line for line in lines(app)) == 1


async def test_on_a_narrow_terminal_they_stand_one_under_the_other(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, "One two three.")
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(80, 40)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: "2 ollama:b  ✓ ok" in text(app))
        assert [line.strip() for line in heads(app) if " ok" in line] == ["1 anthropic:a  ✓ ok", "2 ollama:b  ✓ ok"]
        assert text(app).count("─ 3.13s · 1,752↑ 187↓ · $0.0042") == 2
        assert all(len(line) <= 80 for line in lines(app))


async def test_four_on_a_wide_terminal_are_a_row(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, f"answer {n}")
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(200, 40)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b anthropic:c ollama:d", "enter")
        await until(pilot, lambda: "4 ollama:d" in text(app))
        assert sum(all(f"{n} " in line for n in range(1, 5)) and " │ " in line for line in lines(app)) >= 1
        assert all(len(line) <= 200 for line in lines(app))


async def test_a_key_takes_one_and_the_conversation_goes_on_there(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, "One two three.")
    desk = Desk(play)
    app = make_app(desk=desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: "2 ollama:b  ✓ ok" in text(app))
        await until(pilot, lambda: view(app).has_focus)
        await pilot.press("5", "2")
        await until(pilot, lambda: app.conversation is not play)
        kept = answers_of(play.timeline().work[0])
        assert app.conversation.id == kept[1].fork
        assert app.conversation.roles["format"] == "ollama:b"
        await until(pilot, lambda: "Going on with the answer of ollama:b" in text(app))
        assert "One two three." in text(app)


async def test_a_digit_on_another_block_is_written(play: Play, make_app: MakeApp) -> None:
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("alt+up", "2")
        await until(pilot, lambda: app.prompt.text == "2")


async def test_esc_goes_back_and_the_record_stays(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, "One two three.")
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: view(app).has_focus)
        await pilot.press("escape")
        assert app.prompt.has_focus
        assert app.conversation is play
        app.feed.open(play)  # as when it is opened again
        await until(pilot, lambda: "2 ollama:b  ✓ ok" in text(app))
        assert "go on with that answer" in text(app)
    face = Listening(Desk(play), play)
    with pytest.raises(Failure, match="has the answers 1 to 2, not 3"):
        await COMMAND.run("take 3", face)
    assert await COMMAND.complete("take ", face) == ["take 1", "take 2"]


async def test_who_writes_meanwhile_goes_on_writing(play: Play, make_app: MakeApp) -> None:
    gate = gated(play)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: "One two three" in text(app))
        await pilot.press(*"and 1")
        gate.opened.set()
        await until(pilot, lambda: play.timeline().work)
        await until(pilot, lambda: "2 ollama:b" in text(app))
        await pilot.press("2")
        assert app.prompt.text == "and 12"


async def test_the_columns_go_with_their_timeline(play: Play, make_app: MakeApp) -> None:
    gated(play)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: "One two three" in text(app))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.conversation is not play and not app.workers)
        assert heads(app) == []


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
        await until(pilot, lambda: any(isinstance(item.drawing, BesideDrawing) for item in view(app).model.items))
        assert view(app).scroll_y == 0
        gate.opened.set()
        await until(pilot, lambda: play.timeline().work)


@pytest.mark.parametrize(
    ("source", "cost", "told"),
    [
        ("reported", Cost(4_200_000, "computed"), "| 3.13s | 1,752 | 187 | $0.013 |"),
        ("counted", Cost(4_200_000, "estimated"), "| 3.13s | ≈1,752 | ≈187 | ~$0.013 |"),
        ("estimated", UNKNOWN_COST, "| 3.13s | ~1,752 | ~187 | unknown |"),
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
