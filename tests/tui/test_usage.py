"""What was used and what it cost: the screen, the table for faces without one, the line at the top."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from ralph.commands._dispatch import find, run
from ralph.core.errors import StoreFailure
from ralph.core.llm.usage import NANO, UNKNOWN_COST, Cost
from ralph.core.ports.usage_report import CAPS, BudgetRow, GroupBy, UsageReport
from ralph.tui.app import RalphApp
from ralph.tui.screens.usage import UsageScreen
from ralph.tui.tables import usage
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, turn
from tests.tui.see import ask, until, write
from tests.tui.spent import LAST, account, attempt, month
from tests.tui.test_commands import Listening

SIZE = (120, 40)


@pytest.fixture
def desk(play: Play) -> Desk:
    made = Desk(play)
    made.usage.rows = month()
    return made


@pytest.fixture
def face(desk: Desk, play: Play) -> Listening:
    return Listening(desk, play)


def shown(app: RalphApp, part: str) -> list[str]:
    content = app.screen.query_one(f"#usage-{part}", Static).visual
    return str(content).split("\n")


async def opened(pilot: Pilot[int], line: str = "/usage") -> RalphApp:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await write(pilot, line, "enter")
    await until(pilot, lambda: isinstance(app.screen, UsageScreen) and shown(app, "columns") != [""])
    return app


def test_the_dashboard(play: Play, desk: Desk, make_app: MakeApp, snap_compare: Any) -> None:
    """Totals, days, a bar a model; one is free, of one nobody knows the price."""

    async def show(pilot: Pilot[int]) -> None:
        await opened(pilot, "/usage model")

    assert snap_compare(make_app(desk=desk), terminal_size=SIZE, run_before=show)


@pytest.mark.parametrize("measure", ["cost", "tokens"])
@pytest.mark.parametrize("width", [73, 110])
def test_names_of_models_are_not_cut_to_make_room_for_bars(width: int, measure: usage.Measure) -> None:
    report = account([row for row in month() if row["provider"] != "work-vllm"], "model")
    _, drawn = usage.table(usage.rows(report, measure, {}), "model", measure, width)
    assert {line.plain.split()[0] for line in drawn} == {row.name for row in report.rows}
    assert all(len(line.plain.rstrip()) <= width for line in drawn)
    assert width < 100 or any("█" in line.plain for line in drawn)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_each_key_shows_its_grouping(desk: Desk, make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app(desk=desk).run_test(size=size) as pilot:
        app = await opened(pilot)
        for key, by, first in (
            ("o", "model", "anthropic:claude"), ("m", "month", "2026-11"), ("p", "provider", "anthropic"),
            ("s", "step", "format"), ("d", "day", "2026-11-20"), ("right", "month", "2026-11"),
            ("left", "day", "2026-11-20"), ("left", "step", "format"), ("tab", "day", "2026-11-20"),
        ):  # fmt: skip
            await pilot.press(key)
            await until(pilot, lambda first=first: shown(app, "groups")[0].startswith(first[:6]), by)
            assert f" {by}]" in shown(app, "tabs")[0]
            assert shown(app, "columns")[0].startswith(by)
        await pilot.press("down", "pagedown", "up", "escape")
        await until(pilot, lambda: not isinstance(app.screen, UsageScreen))
        assert app.focused is app.prompt


async def test_in_a_narrow_terminal_the_models_of_one_provider_stay_apart(desk: Desk, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, "/usage model")
        names = [line.split()[0] for line in shown(app, "groups")]
        assert names[:3] == ["anthropic:claude-sonnet-5-5", "openai:gpt-5.1", "anthropic:claude-haiku-4-5"]


async def test_a_grouping_is_chosen_by_a_click(desk: Desk, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        for by in ("step", "month", "timeline"):
            await pilot.click("#usage-tabs", offset=(shown(app, "tabs")[0].index(by), 0))
            await until(pilot, lambda by=by: shown(app, "columns")[0].startswith(by))


async def test_a_price_that_nobody_knows_is_never_nothing(desk: Desk, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot, "/cost model")
        assert shown(app, "head")[0].startswith("≥ $1.71  592 requests · 964,220↑ (177,600 cached) 51,369↓")
        vllm = next(line for line in shown(app, "groups") if "qwen3-coder" in line)
        assert "unknown" in vllm
        assert "░" not in vllm
        assert "free" in next(line for line in shown(app, "groups") if line.startswith("ollama"))
        assert "$0 " not in "\n".join(shown(app, "groups"))


@pytest.mark.parametrize(
    ("saved_ms", "wasted", "told"),
    [
        (0.2, Cost(), ""),
        (0.0, Cost(8_400_000, "computed"), "speculation wasted $0.0084"),
        (40.0, Cost(), "speculation saved 40ms of waiting"),
        (4200.0, Cost(8_400_000, "estimated"), "speculation saved 4.20s of waiting and wasted ~$0.0084"),
        (0.0, UNKNOWN_COST, "speculation wasted an unknown sum"),
    ],
)
def test_what_speculation_did_is_told_only_where_it_did_something(saved_ms: float, wasted: Cost, told: str) -> None:
    made = replace(account(month(), "day"), waiting_saved_ms=saved_ms, wasted=wasted)
    shown = "\n".join(str(line) for line in usage.head(made))
    assert told in shown
    assert bool(told) is ("speculation" in shown)


async def test_cost_or_tokens(desk: Desk, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        assert shown(app, "days")[-1].startswith("cost by day · 12 Oct to 20 Nov 2026 · most on 15 Oct: $0.085")
        await pilot.press("c")
        assert shown(app, "days")[-1].startswith("tokens by day · 12 Oct to 20 Nov 2026 · most on 13 Nov: 60,779")
        assert shown(app, "columns")[0].split()[:3] == ["day", "tokens", "requests"]


async def test_timelines_have_their_titles(desk: Desk, play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "words"))
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = await opened(pilot, "/usage timeline")
        names = {line.split("  ")[0] for line in shown(app, "groups")}
        assert {"README questions · k3f9w2m7qd", "g0ne000000"} <= {name.strip() for name in names}


async def test_an_empty_ledger_and_one_that_cannot_be_read(desk: Desk, make_app: MakeApp) -> None:
    desk.usage.rows = []
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = pilot.app
        assert isinstance(app, RalphApp)
        await write(pilot, "/usage", "enter")
        await until(pilot, lambda: "No request was sent" in shown(app, "head")[0])
        await pilot.press("escape")

        async def broken(by: GroupBy) -> UsageReport:
            raise StoreFailure("the database is away")

        desk.usage.report = broken  # type: ignore[method-assign]
        await write(pilot, "/usage", "enter")
        await until(pilot, lambda: shown(app, "head") == ["the database is away"])


def test_the_line_of_days_knows_free_unknown_and_empty_days() -> None:
    rows = [attempt(nano_usd=n, cost_status=s, day=LAST.replace(day=d)) for d, n, s in (
        (10, 8, "computed"), (12, 1, "computed"), (13, 0, "free"), (14, None, "unknown")
    )]  # fmt: skip
    line, told = (str(c) for c in usage.spark(account(rows, "day"), "cost", 5))
    assert line == "█·▁▁?"
    assert told.startswith("cost by day · 10 Nov to 14 Nov 2026 · most on 10 Nov: ")
    (line, told) = (str(c) for c in usage.spark(account(rows[3:], "day"), "cost", 5))
    assert (line, told) == ("???", "cost by day · 14 Nov 2026")
    assert [str(c) for c in usage.spark(account(rows[:2], "day"), "cost", 3, 2)][:2] == ["█  ", "█·▂"]


async def test_a_face_without_screens_says_a_table(face: Listening) -> None:
    await run("/usage model", face)
    assert "| model | requests | input | output | cost | errors |" in face.said[0]
    assert "| work-vllm:qwen3-coder-480b-a35b-instruct | 43 | 74,849 | 3,606 | unknown | 7% |" in face.said[0]
    assert face.said[0].splitlines()[-1].startswith("| total | 592 | 964,220 | 51,369 | ≥ $1.71 |")
    face.workspace.usage.rows = []
    await run("/usage", face)
    assert face.said[1] == "No request was sent to a model yet."


async def test_an_unknown_grouping_is_one_sentence(face: Listening) -> None:
    await run("/usage modle", face)
    assert face.said == [
        "✗ usage is grouped by day, month, model, provider, timeline, step, not by 'modle'; did you mean model?"
    ]
    command = find("cost", face.commands)
    assert command
    assert await command.complete("m", face) == ["month", "model"]


async def test_budgets_are_shown_and_set(face: Listening) -> None:
    face.workspace.usage.spent = {"day": Cost(1_200_000_000, "computed"), "month": Cost(2_000_000_000, "unknown")}
    await run("/budget", face)
    assert "| day (today) | $1.20 |  | no cap |  |" in face.said[0]
    assert "| month (this one) | ≥ $2.00 |  | no cap |  |" in face.said[0]
    assert "| turn (the last one) | $0 |  | no cap |  |" in face.said[0]
    assert "/usage says of which model" in face.said[0]
    for amount in ("5", "$5", "5.00"):
        await run(f"/budget day {amount}", face)
        assert face.workspace.usage.caps == {"day": 5 * NANO}
        assert "| day (today) | $1.20 |  | $5.00 | 24% |" in face.said[-1]
        assert "kept for every later start; `/budget reset day` undoes it" in face.said[-1]
        assert face.workspace.choices.kept == {"budget.day": 5}
        assert "month" not in face.said[-1]
    await run("/budget day off", face)
    assert face.workspace.usage.caps == {"day": None}
    await run("/budget DAY", face)
    assert "no cap" in face.said[-1]
    assert "kept" not in face.said[-1]
    assert face.workspace.choices.kept == {"budget.day": None}
    await run("/budget reset", face)
    assert face.workspace.choices.kept == {}
    face.workspace.choices.why_not = "with --no-save nothing is kept"
    await run("/budget day 7", face)
    assert face.said[-1].endswith("This is for this run of ralph only: with --no-save nothing is kept.")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/budget week 5", "there is no budget 'week'; there are turn, timeline, day, month"),
        ("/budget mont", "there is no budget 'mont'; there are turn, timeline, day, month; did you mean month?"),
        ("/budget day much", "'much' is not an amount of US dollars; write one like 5 or 0.25, or off"),
        ("/budget day -5", "'-5' is not an amount of US dollars; write one like 5 or 0.25, or off"),
        ("/budget day nan", "'nan' is not an amount of US dollars; write one like 5 or 0.25, or off"),
        ("/budget day 1e400", "'1e400' is not an amount of US dollars; write one like 5 or 0.25, or off"),
        ("/budget day 5 USD", "write  /budget NAME USD,  as in /budget day 5 or /budget day off"),
    ],
)
async def test_what_is_no_budget_is_one_sentence(face: Listening, line: str, sentence: str) -> None:
    await run(line, face)
    assert face.said == [f"✗ {sentence}"]
    assert face.workspace.usage.caps == {}


async def test_budget_completes_names_and_off(face: Listening) -> None:
    command = find("budget", face.commands)
    assert command
    assert await command.complete("", face) == [*CAPS, "reset"]
    assert await command.complete("reset m", face) == ["reset month"]
    assert await command.complete("t", face) == ["turn", "timeline"]
    assert await command.complete("day o", face) == ["day off"]
    assert await command.complete("day 5", face) == ()


def top(app: RalphApp) -> str:
    return app.widgets.status_bar.render().plain


async def test_the_top_line_tells_today_and_how_full_the_window_is(play: Play, desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        assert "today" not in top(app)
        desk.models.share, desk.usage.spent = 0.04, {"day": Cost(1_200_000_000, "computed")}
        await ask(pilot, "hello")
        await until(pilot, lambda: top(app).endswith("ctx 4% · timeline $0.0042 · today $1.20 "))
        await write(pilot, "/budget day 5", "enter")
        await until(pilot, lambda: top(app).endswith("ctx 4% · timeline $0.0042 · today $1.20/$5 "))
        desk.usage.spent = {"day": Cost(None, "unknown")}
        await write(pilot, "/model openai:gpt-5.1", "enter")
        await until(pilot, lambda: "today ?/$5" in top(app))
        assert "ctx 4%" in top(app), "it is measured again for the other model"
        desk.models.share = 0.001
        await ask(pilot, "hello again")
        await until(pilot, lambda: "ctx <1%" in top(app))
        await write(pilot, "/new", "enter")
        await until(pilot, lambda: "ctx" not in top(app))
        assert "today ?/$5" in top(app)


async def test_a_continued_timeline_tells_how_full_the_window_is_before_its_next_turn(
    play: Play, desk: Desk, make_app: MakeApp
) -> None:
    play.past(1, turn(1, "hello"))
    desk.models.share = 0.04
    async with make_app(desk=desk).run_test(size=SIZE) as pilot:
        app = pilot.app
        assert isinstance(app, RalphApp)
        await until(pilot, lambda: "ctx 4%" in top(app))
        desk.timelines.saved["saved00000"] = Play("saved00000").past(1, turn(1, "other"))
        desk.models.share = 0.09
        await write(pilot, "/timelines saved00000", "enter")
        await until(pilot, lambda: "ctx 9%" in top(app))


async def test_the_top_line_follows_each_request_and_another_window(play: Play, desk: Desk, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "timeline $0.0025" in top(app), "route and tool are over, the answer is not")
        desk.usage.spent = {"day": Cost(1_200_000_000, "computed")}
        desk.usage.written += 1
        await until(pilot, lambda: "today $1.20" in top(app), "another process spent it while this turn runs")
        gate.opened.set()
        await until(pilot, lambda: "timeline $0.0042" in top(app))


async def test_a_part_that_is_unknown_beside_nothing_is_unknown_alone(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        for cost in (Cost(None, "unknown"), Cost(0, "unknown")):
            desk.usage.spent = {"day": cost, "timeline": cost}
            desk.usage.written += 1
            await until(pilot, lambda: top(app).endswith("cost ? · /usage "))


async def test_what_cannot_be_read_is_left_out_of_the_top_line(desk: Desk, make_app: MakeApp) -> None:
    async def broken(timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        raise StoreFailure("the database is away")

    desk.usage.budgets = broken  # type: ignore[method-assign]
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        assert "timeline" not in top(app), "all sums are the ledger's"
        assert "today" not in top(app)


@pytest.mark.parametrize("size", [(60, 15), (80, 12), (40, 10)])
async def test_rows_are_seen_in_a_low_terminal(desk: Desk, make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app(desk=desk).run_test(size=size) as pilot:
        app = await opened(pilot, "/usage model")
        await until(pilot, lambda: shown(app, "groups") != [""])
        rows, keys = app.screen.query_one("#usage-rows"), app.screen.query_one("#usage-keys")
        await until(pilot, lambda: rows.size.height >= 1 and keys.region.bottom <= size[1])
