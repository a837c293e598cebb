"""What the next request carries: the fold, the screen, the words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from ralph.commands._dispatch import run
from ralph.context.last_turns import LastTurns
from ralph.context.report import ASSUMED_WINDOW, weigh
from ralph.core.errors import Failure, Kind
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.usage import Usage
from ralph.core.ports.context import ContextReport, TurnWeight
from ralph.tui.app import RalphApp
from ralph.tui.screens.context import ContextScreen
from ralph.tui.tables import context
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, turn
from tests.tui.see import part, until, write
from tests.tui.test_commands import Listening

REPORT = ContextReport(
    model="anthropic:claude-sonnet-5-5",
    window=200_000,
    source="provider",
    system=420,
    tools=1_555,
    tool_count=7,
    reserve=2_000,
    max_turns=4,
    turns=(
        TurnWeight(1, "What is a [generator]?", 812, kept=False),
        TurnWeight(2, "And how is one\nclosed?", 2_410),
        TurnWeight(3, "Show me one that reads a file", 38_200),
        TurnWeight(4, "Thanks", 90),
        TurnWeight(5, "One more: how do I test it?", 1_204),
    ),
    next_out=2,
    last=Usage(44_100, cache_read=40_200, output=300, source="reported"),
    last_model="anthropic:claude-sonnet-5-5",
)


@pytest.fixture
def desk(play: Play) -> Desk:
    made = Desk(play)
    made.models.weighed = REPORT
    return made


async def opened(pilot: Pilot[int]) -> RalphApp:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await write(pilot, "/context", "enter")
    await until(pilot, lambda: isinstance(app.screen, ContextScreen) and "weighing" not in part(app, "context-head"))
    return app


def test_the_window(desk: Desk, make_app: MakeApp, snap_compare: Any) -> None:
    """A bar of five parts, a turn that is out and one that leaves next, what the cache had."""

    async def show(pilot: Pilot[int]) -> None:
        await opened(pilot)

    assert snap_compare(make_app(desk=desk), terminal_size=(100, 30), run_before=show)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_it_tells_all(desk: Desk, make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app(desk=desk).run_test(size=size) as pilot:
        app = await opened(pilot)
        head, facts, turns = (part(app, f"context-{name}") for name in ("head", "facts", "turns"))
        assert "anthropic:claude-sonnet-5-5 · window 200,000, from its provider" in head
        assert "Turn 1 is no longer sent (context.max_turns is 4)." in facts
        assert "After your next message turn 2 is no longer sent." in facts
        assert "44,100 tokens, 40,200 of them from the cache (91%)" in facts
        assert [line.split()[0] for line in turns.split("\n")] == ["1", "2", "3", "4", "5"]
        assert "no longer sent" in turns.split("\n")[0]
        assert "And how is one closed?" in turns
        await pilot.press("down", "pagedown", "up", "pageup", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_a_failure_is_a_sentence(desk: Desk, make_app: MakeApp) -> None:
    desk.models.weighed = Failure(Kind.STORE, "the disk is full")
    async with make_app(desk=desk).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        assert part(app, "context-head") == "the disk is full"


async def test_words_where_there_are_no_screens(desk: Desk, play: Play) -> None:
    face = Listening(desk, play)
    await run("/context", face)
    assert "| tools (7) | ~1,555 |" in face.said[0]
    assert "| 1 | ~812 | What is a &#91;generator&#93;? (not sent) |" in face.said[0]


def test_what_does_not_fit_is_said() -> None:
    small = replace(REPORT, window=16_384, source="assumed")
    told = "\n".join(str(line) for line in context.head(small))
    assert "assumed: the provider does not state it" in told
    assert f"About {small.read_budgets + 2_000 - 16_384:,} tokens too many" in told
    assert sum(context.cells(context.figures(small), 60)) == 60


def test_every_part_that_is_there_has_a_cell() -> None:
    assert context.cells((1, 0, 1, 1, 100_000), 20) == [1, 0, 1, 1, 17]
    assert context.cells((0, 0, 0, 0, 0), 20) == [0] * 5


def test_the_fold_counts_what_would_be_sent(play: Play) -> None:
    for n in range(1, 4):
        play.past(n, turn(n, f"question {n} " + "word " * 50 * n))
    specs = [ToolSpec("calculate", "Works a sum out.", {"type": "object"})]
    told = weigh(
        play.timeline(), model="a:b", window=8_192, source="table", system="Be short.", specs=specs, reserve=2_000,
        max_turns=2, policy=LastTurns(2),
    )  # fmt: skip
    assert [(t.number, t.kept) for t in told.turns] == [(1, False), (2, True), (3, True)]
    assert told.history == told.turns[1].tokens + told.turns[2].tokens
    assert told.turns[2].tokens > told.turns[1].tokens > 50
    assert (told.next_out, told.tool_count, told.last_model) == (2, 1, "anthropic:claude-sonnet-5-5")
    assert told.last
    assert told.last.cache_read == 900
    assert told.free == 8_192 - told.read_budgets - 2_000
    more = weigh(
        play.timeline(), model="a:b", window=None, source="table", system="", specs=(), reserve=0, max_turns=50,
        policy=LastTurns(50),
    )  # fmt: skip
    assert (more.window, more.source, more.next_out, more.tools, more.system) == (ASSUMED_WINDOW, "assumed", None, 0, 0)


@pytest.mark.parametrize("size", [(60, 15), (80, 12), (40, 10)])
async def test_turns_are_seen_in_a_low_terminal(desk: Desk, make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app(desk=desk).run_test(size=size) as pilot:
        app = await opened(pilot)
        rows = app.screen.query_one("#context-scroll")
        await until(pilot, lambda: rows.size.height >= 1 and rows.region.bottom < size[1])
