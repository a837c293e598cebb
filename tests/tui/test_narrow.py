"""What a narrow terminal leaves out is the least important: in the top line, the lists of commands, the forks."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import OptionList

from ralph.core.llm.usage import UNKNOWN_COST, Cost
from ralph.core.log import events as ev
from ralph.tui.app import RalphApp
from ralph.tui.widgets.status import StatusBar
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import HandClock, Play, turn
from tests.tui.see import ask, options, part, text, until, write
from tests.tui.test_prompt import menu

LEFT = ("ralph", "a question at eighty columns", "anthropic:claude-sonnet-5-5")
RIGHT = ("ctx <1%", "timeline $0.00089", "today ≥ $0.12")


class Lined(App[None]):
    def compose(self) -> ComposeResult:
        yield StatusBar()


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (
            120,
            " ralph · a question at eighty columns · anthropic:claude-sonnet-5-5"
            "        ctx <1% · timeline $0.00089 · today ≥ $0.12 ",
        ),
        (90, " ralph · a question at… · claude-sonnet-5-5      ctx <1% · timeline $0.00089 · today ≥ $0.12 "),
        (80, " ralph · a question at… · claude-sonnet-5-5      timeline $0.00089 · today ≥ $0.12 "),
        (60, " ralph · claude-sonnet-5-5                timeline $0.00089 "),
        (40, " ralph · claude-sonnet-5-5              "),
        (20, " ralph · claude-s… "),
    ],
)
async def test_the_top_line_keeps_the_model(width: int, line: str) -> None:
    app = Lined()
    async with app.run_test(size=(width, 3)) as pilot:
        bar = app.query_one(StatusBar)
        bar.show(LEFT, RIGHT)
        await pilot.pause()
        shown = bar.render().plain
        assert " ".join(shown.split()) == " ".join(line.split())
        assert len(shown) == width


async def test_a_title_that_is_cut_after_a_word_has_one_blank_behind_it() -> None:
    for width in range(70, 110):
        app = Lined()
        async with app.run_test(size=(width, 3)) as pilot:
            bar = app.query_one(StatusBar)
            bar.show(("ralph", "how much did I spend on it", LEFT[-1]), RIGHT)
            await pilot.pause()
            assert "…  ·" not in bar.render().plain


async def test_the_list_of_commands_drops_arguments_before_it_cuts_a_word(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/")
        assert menu(app)
        assert not any("…" in line for line in menu(app))
        assert menu(app)[1].split()[0:2] == ["/budget", "spending"]
        assert "/attach [path|off]" in menu(app)[0]


async def test_the_palette_takes_a_line_for_each_command(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2 and len(options(app)) > 20)
        listed = app.screen.query_one(OptionList)
        await until(pilot, lambda: listed.size.height)
        assert all("\n" not in line for line in options(app))
        assert listed.virtual_size.height == listed.option_count
        await pilot.press(*"budg")
        await until(pilot, lambda: options(app) and options(app)[0].startswith("/budget  "))


def unpriced(play: Play) -> None:
    """Turns of a model whose price nobody knows."""
    from dataclasses import replace

    def script(number: int, prompt: str, context: str) -> list[tuple[float, object]]:
        return [
            (ms, replace(s, cost=UNKNOWN_COST) if isinstance(s, ev.AttemptFinished | ev.TurnFinished) else s)
            for ms, s in turn(number, prompt)
        ]

    play.script = script  # type: ignore[assignment]


def top(app: RalphApp) -> str:
    return app.widgets.status_bar.render().plain


async def test_a_cost_of_which_nothing_is_known_is_said_once(play: Play, make_app: MakeApp) -> None:
    unpriced(play)
    desk = Desk(play)
    desk.usage.spent = {"day": UNKNOWN_COST}
    app = make_app(desk=desk)
    async with app.run_test(size=(100, 24)) as pilot:
        await ask(pilot, "hello")
        await until(pilot, lambda: "cost ? · /usage" in top(app))
        assert top(app).count("?") == 1
        assert "unknown" not in text(app)
        assert "· cost ?" in text(app)
        desk.usage.spent = {"day": Cost(120_000_000, "unknown")}
        await ask(pilot, "again")
        await until(pilot, lambda: top(app).endswith("cost ? · /usage · today ≥ $0.12 "))


async def test_a_model_that_is_a_file_goes_by_the_name_of_the_file(
    play: Play, clock: HandClock, make_app: MakeApp
) -> None:
    play.roles = dict.fromkeys(play.roles, "local:")
    from dataclasses import replace

    def script(number: int, prompt: str, context: str) -> list[tuple[float, object]]:
        answered = {"provider": "local", "model": "/models/llm_small.gguf"}
        return [
            (ms, replace(s, **answered) if isinstance(s, ev.AttemptFinished) else s) for ms, s in turn(number, prompt)
        ]

    play.script = script  # type: ignore[assignment]
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        assert "local:" not in top(app)
        assert "local:" not in text(app)
        await ask(pilot, "hello")
        assert "local:llm_small.gguf" in top(app)
        assert "format llm_small.gguf " in text(app)
        assert "/models" not in text(app)


async def test_search_shows_words_without_marks_and_marks_the_hit(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "why?", "## Tides\n\nThe **moon** pulls at the sea.", tools=False))
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await write(pilot, "/search moon", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2 and options(app))
        first, second = options(app)[0].split("\n")
        assert first.startswith("README questions")
        assert "The moon pulls" in second
        await until(pilot, lambda: "The moon pulls" in part(app, "timelines-glimpse"))
        assert "**" not in second + part(app, "timelines-glimpse")
        assert "##" not in second + part(app, "timelines-glimpse")
        prompt = app.screen.query_one(OptionList).get_option_at_index(0).prompt
        hits = [s for s in prompt.spans if "underline" in str(s.style)]  # type: ignore[union-attr]
        assert [str(prompt)[s.start : s.end] for s in hits] == ["moon"]
