"""The model picker: one table, usable while slow providers are asked, and Enter is `/model`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from ralph.core.errors import Failure, Kind
from ralph.core.llm.prices import FREE_ROW, PriceRow
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.speed import ModelSpeed
from ralph.core.ports.rows import ModelRow, ProviderRow
from ralph.tui import fuzzy
from ralph.tui.app import RalphApp
from ralph.tui.screens.models import ModelScreen
from ralph.tui.tables import models
from ralph.tui.tables.models import Listed, Using
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play
from tests.tui.see import options, part, text, until

SIZE = (120, 40)
SONNET, HAIKU = "anthropic:claude-sonnet-5-5", "anthropic:claude-haiku-4-5"


@pytest.fixture
def desk(play: Play) -> Desk:
    made = Desk(play)
    made.models.lists = {
        "anthropic": (ModelInfo("claude-haiku-4-5", 200_000), ModelInfo("claude-sonnet-5-5", 1_000_000)),
        "ollama": (ModelInfo("qwen3:4b", 16_384), ModelInfo("llama3.2:3b")),
    }
    made.models.prices = {SONNET: PriceRow("t", "1", "s", "3", "0.3", "3.75", "15")}
    made.models.paces = {SONNET: ModelSpeed(0.52, 142.0)}
    made.models.named = {"fast": (HAIKU, "ollama:qwen3:4b")}
    return made


async def opened(pilot: Pilot[int]) -> RalphApp:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.press("ctrl+l")
    await until(pilot, lambda: isinstance(app.screen, ModelScreen) and len(options(app)) > 3)
    return app


def highlighted(app: RalphApp) -> str:
    found = app.screen.query_one(OptionList)
    assert found.highlighted is not None
    return options(app)[found.highlighted]


def test_the_table(desk: Desk, make_app: MakeApp, snap_compare: Any) -> None:
    """Prices, windows, paces, roles, an alias; a provider that failed; one that is not connected."""
    desk.models.lists["ollama"] = Failure(Kind.NETWORK, "ollama (127.0.0.1:11434) cannot be reached; is it running?")

    async def show(pilot: Pilot[int]) -> None:
        app = await opened(pilot)
        await until(pilot, lambda: any("no list" in line for line in options(app)))
        app.screen.query_one(Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(make_app(desk=desk), terminal_size=SIZE, run_before=show)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_line_has_all_that_is_known(desk: Desk, make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app(desk=desk).run_test(size=size) as pilot:
        app = await opened(pilot)
        await until(pilot, lambda: any("qwen3" in line for line in options(app)))
        sonnet = next(line for line in options(app) if "sonnet" in line)
        assert all(fact in sonnet for fact in ("$3", "$15", "1M", "142/s 0.52s", "tool, format")), sonnet
        haiku = next(line for line in options(app) if "  claude-haiku" in line)
        assert haiku.split()[1:4] == ["?", "?", "200k"]
        assert "free" in next(line for line in options(app) if "  qwen3:4b" in line)
        assert "$3 in, $15 out a million" in part(app, "models-detail")  # what is in use is highlighted
        assert "openai: /connect openai, or export OPENAI_API_KEY=…" in "".join(options(app))
        assert not app.screen.query_one(OptionList).max_scroll_x


async def test_it_can_be_used_while_a_provider_is_asked(desk: Desk, play: Play, make_app: MakeApp) -> None:
    desk.models.slow["ollama"] = asyncio.Event()
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        await until(pilot, lambda: any("ollama" in line and "loading the list …" in line for line in options(app)))
        await pilot.press("up")
        before = highlighted(app)
        assert "claude-haiku-4-5" in before
        desk.models.slow["ollama"].set()
        await until(pilot, lambda: any("qwen3" in line for line in options(app)))
        assert highlighted(app) == before
        await pilot.press("enter")
        await until(pilot, lambda: "From the next turn on" in text(app))
        assert (play.roles["tool"], play.roles["format"]) == (HAIKU, HAIKU)


async def test_tab_says_what_it_is_for(desk: Desk, play: Play, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        assert "[answers]" in part(app, "models-for")
        await pilot.press("tab")
        assert "[routing]" in part(app, "models-for")
        await pilot.press("shift+tab", "shift+tab")
        assert "[everything]" in part(app, "models-for")
        await pilot.click("#models-for")
        await pilot.click("#models-for")
        await pilot.press(*"sonnet", "enter")
        await until(pilot, lambda: "From the next turn on" in text(app))
        assert play.roles["route"] == SONNET


async def test_typing_narrows_and_a_click_chooses(desk: Desk, play: Play, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        await until(pilot, lambda: any("qwen3" in line for line in options(app)))
        await pilot.press(*"qw4")
        await until(pilot, lambda: "qwen3:4b" in highlighted(app))
        assert not any("sonnet" in line for line in options(app))
        await pilot.press("ctrl+u", *"zzzz")
        await until(pilot, lambda: options(app) == [])
        await pilot.press("enter", "ctrl+u", *"fast")
        await until(pilot, lambda: "→ anthropic" in highlighted(app))
        row = options(app).index(highlighted(app))
        await pilot.click(OptionList, offset=(4, row))
        await until(pilot, lambda: "'fast' is not a model ref" in text(app))  # the double knows no alias: it was asked


async def test_a_failure_is_its_sentence_and_esc_closes(desk: Desk, play: Play, make_app: MakeApp) -> None:
    desk.models.lists["anthropic"] = Failure(Kind.AUTH, "anthropic refused [the] key; set ANTHROPIC_API_KEY")
    async with make_app(desk=desk).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await until(pilot, lambda: "anthropic refused [the] key" in "".join(options(app)))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert play.submitted == []


async def test_words_do_where_there_are_no_screens(desk: Desk, play: Play) -> None:
    from ralph.commands._dispatch import run
    from tests.tui.test_commands import Listening

    face = Listening(desk, play, picks=HAIKU)
    await run("/model", face)
    assert play.roles["format"] == HAIKU


@pytest.mark.parametrize("width", [72, 92, 109, 110])
def test_the_roles_of_a_model_are_never_cut(width: int) -> None:
    provider = ProviderRow("p", "p", "", True, False, "key set")
    using = Using({"route": "p:m", "tool": "p:n", "format": "p:m"}, {})
    row = models.lines([Listed(provider, (ModelRow("p:m"),))], using, "", width)[1]
    assert "route, format" in row.content.plain
    assert row.content.cell_length <= width


def test_a_breaker_is_told_at_its_model_and_its_provider() -> None:
    provider = ProviderRow("p", "p", "", True, False, "key set", breakers=("m (open)",))
    shown = models.lines([Listed(provider, (ModelRow("p:m"), ModelRow("p:n")))], Using({}, {}), "", 100)
    lines = [str(line.content) for line in shown]
    assert "paused after failures: m (open)" in lines[0]
    assert lines[1].startswith("! m ")
    assert lines[2].startswith("  n ")


def test_figures_of_the_table() -> None:
    row = PriceRow("t", "1", "m", "0.075", "0", "0", "10.00")
    assert models.prices(row) == ("$0.075", "$10")
    assert models.prices(replace(row, input="2.5")) == ("$2.50", "$10")
    assert models.prices(FREE_ROW) == ("free", "")
    assert models.prices(None) == ("?", "?")
    assert [models.size(n) for n in (None, 512, 16_384, 200_000, 1_048_576)] == ["", "512", "16k", "200k", "1.05M"]


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("son", "anthropic:claude-sonnet", "mason"),
        ("gpt 120", "groq:openai/gpt-oss-120b", "groq:openai/gpt-oss-20b"),
        ("cs5", "claude-sonnet-5", "zebra"),
    ],
)
def test_the_better_answer_comes_first(typed: str, better: str, worse: str) -> None:
    found = fuzzy.narrow(typed, [(worse, worse), (better, better)])
    assert found[0][1] == better


def test_letters_scattered_all_over_are_no_answer() -> None:
    assert fuzzy.rank("abc", "a" + "x" * 40 + "b" + "x" * 40 + "c") is None
    assert fuzzy.rank("", "anything") == (0, 0)


async def test_a_provider_that_hits_a_bug_has_no_list_and_says_why(desk: Desk, make_app: MakeApp) -> None:
    async def broken(provider: str) -> tuple[ModelRow, ...]:
        raise ZeroDivisionError("oh")

    desk.models.list_rows = broken  # type: ignore[method-assign]
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        await until(pilot, lambda: any("ZeroDivisionError('oh')" in line for line in options(app)))
        assert any("! no list" in line for line in options(app))
        assert not any("loading the list …" in line for line in options(app))


async def test_a_mistake_in_a_screen_is_reported_and_ctrl_c_closes_it(
    desk: Desk, make_app: MakeApp, mistakes: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> str:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(models, "detail", broken)
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(app.screen_stack) == 1 and "ZeroDivisionError: oh" in text(app))
    assert mistakes
