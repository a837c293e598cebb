"""The timelines picker: found by title or contents, looked into, opened, renamed, forked, deleted after a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from ralph.core.errors import StoreFailure
from ralph.core.llm.usage import Cost
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.tui.app import RalphApp
from ralph.tui.formatting import when
from ralph.tui.screens.timelines import TimelinesScreen
from ralph.tui.tables import timelines
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import HandClock, Play, turn
from tests.tui.see import options, part, text, until

SIZE = (130, 36)
NOW = datetime.fromisoformat("2026-11-20T14:02:11+00:00")
ROW = TimelineRow("saved00001", "Zebras", "", "2026-11-20T09:05:00.000000Z", 3, Cost(4_200_000, "computed"))


@pytest.fixture
def desk(clock: HandClock) -> Desk:
    def made(name: str, title: str, question: str, answer: str) -> Play:
        play = Play(name, clock=clock)
        play.script = lambda n, p, c: []
        steps = turn(1, question, answer, tools=False)
        play.past(1, steps)
        return play

    first = made("saved00001", "Zebras", "why do zebras have stripes?", "Mostly against **flies**, it seems.")
    second = made("saved00002", "Sums", "what is 17 % of 2,340?", "397.8")
    third = made("saved00003", "Trains", "when does the night train leave?", "At 22:04 from track 7.")
    desk = Desk(first, second, third)
    for play, title in ((first, "Zebras"), (second, "Sums"), (third, "Trains")):
        from ralph.core.log import events as ev

        play.emit(0, 0, ev.TimelineChanged(title=title))
    return desk


async def opened(pilot: Pilot[int]) -> RalphApp:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, TimelinesScreen) and options(app))
    await until(pilot, lambda: part(app, "timelines-glimpse"))
    return app


def test_the_list_and_a_look(desk: Desk, make_app: MakeApp, snap_compare: Any) -> None:
    """A search by contents with its hit marked, and the last turns beside it."""

    async def show(pilot: Pilot[int]) -> None:
        app = await opened(pilot)
        await pilot.press(*"stripes")
        await until(pilot, lambda: len(options(app)) == 1)
        await until(pilot, lambda: "flies" in part(app, "timelines-glimpse"))
        app.screen.query_one("#timelines-filter", Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(make_app(desk=desk), terminal_size=SIZE, run_before=show)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_rows_tell_what_is_needed_and_enter_opens(desk: Desk, make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        assert [line.split()[0] for line in options(app)] == ["Zebras", "Sums", "Trains"]
        assert all(fact in options(app)[0] for fact in (" 1 ", "$0.0021", "today 14:02")), options(app)[0]
        await pilot.press("down")
        await until(pilot, lambda: "what is 17 %" in part(app, "timelines-glimpse"))
        assert app.screen.query_one("#timelines-look").size.height >= 5
        await pilot.press("enter")
        await until(pilot, lambda: app.conversation.id == "saved00002")
        assert "397.8" in text(app)


async def test_a_low_and_narrow_terminal_keeps_the_list(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=(40, 10)) as pilot:
        await opened(pilot)
        found = app.screen.query_one("#timelines-list")
        assert found.size.height >= 2
        assert not app.screen.query_one("#timelines-look").display
        assert "today 14:02" in options(app)[0]
        await pilot.resize_terminal(40, 30)
        await until(pilot, lambda: app.screen.query_one("#timelines-look").display)


async def test_typing_searches_titles_and_contents(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press(*"track")
        await until(pilot, lambda: len(options(app)) == 1 and "“At 22:04 from track 7.”" in options(app)[0])
        await pilot.press("ctrl+u", *"Sums")
        await until(pilot, lambda: options(app)[0].startswith("Sums"))
        await pilot.press("ctrl+u", *"nothing like it")
        await until(pilot, lambda: "No timeline holds “nothing like it”." in part(app, "timelines-head"))
        await pilot.press("enter", "delete", "f2", "ctrl+f", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_deleting_asks_first_and_tells_of_forks(desk: Desk, make_app: MakeApp) -> None:
    desk.timelines.children["saved00002"] = ("saved00003",)
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("delete")
        await until(pilot, lambda: "Delete “Zebras”?" in part(app, "timelines-ask"))
        await pilot.press("n")
        await until(pilot, lambda: part(app, "timelines-ask") == "")
        await pilot.press("delete")
        await until(pilot, lambda: "Delete “Zebras”?" in part(app, "timelines-ask"))
        await pilot.press("escape")
        assert isinstance(app.screen, TimelinesScreen)
        assert desk.timelines.deleted == []
        await pilot.press("down", "ctrl+d")
        await until(pilot, lambda: "Its 1 fork will be deleted too." in part(app, "timelines-ask"))
        await pilot.press("y")
        await until(pilot, lambda: len(options(app)) == 2)
        assert desk.timelines.deleted == [("saved00002", True)]
        assert app.screen.query_one(OptionList).highlighted == 1  # one stays where one was
        await pilot.press("n")
        assert app.screen.query_one("#timelines-filter", Input).value == "n"  # a letter again


async def test_what_is_open_here_is_not_deleted(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk, conversation=desk.timelines.saved["saved00001"])
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "open here" in options(app)[0]
        await pilot.press("delete")
        await until(pilot, lambda: "open here" in part(app, "timelines-ask"))
        await pilot.press("y")
        assert desk.timelines.deleted == []


async def test_f2_renames(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("f2", "ctrl+u", *"Stripes", "enter")
        await until(pilot, lambda: options(app)[0].startswith("Stripes"))
        assert desk.timelines.saved["saved00001"].timeline().title == "Stripes"
        await pilot.press("f2", *"xx", "escape")
        assert desk.timelines.saved["saved00001"].timeline().title == "Stripes"
        assert isinstance(app.screen, TimelinesScreen)


async def test_ctrl_f_forks_and_goes_there(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("down", "ctrl+f")
        await until(pilot, lambda: app.conversation.id.startswith("f0rk"))
        assert ("fork", "saved00002") in desk.timelines.looked


async def test_a_click_opens(desk: Desk, make_app: MakeApp) -> None:
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.click(OptionList, offset=(3, 2))
        await until(pilot, lambda: app.conversation.id == "saved00003")


async def test_a_failure_is_a_sentence_in_the_screen(desk: Desk, make_app: MakeApp) -> None:
    async def full(search: str = "") -> tuple[TimelineRow, ...]:
        raise StoreFailure("the disk is full")

    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        desk.timelines.rows = full  # type: ignore[method-assign]
        await pilot.press("x")
        await until(pilot, lambda: "! the disk is full" in part(app, "timelines-ask"))


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-20T00:00:00.000000Z", "today 00:00"),
        ("2026-11-19T23:59:00.000000Z", "yesterday 23:59"),
        ("2026-11-16T08:00:00.000000Z", "Mon 08:00"),
        ("2026-11-03T08:00:00.000000Z", "3 Nov 08:00"),
        ("2025-11-03T08:00:00.000000Z", "3 Nov 2025"),
        ("2026-11-21T08:00:00.000000Z", "21 Nov 08:00"),
        ("", ""),
    ],
)
def test_a_moment_as_people_say_it(at: str, told: str) -> None:
    assert when(at, NOW) == told


def test_a_row_tells_who_writes_it_and_where_it_came_from() -> None:
    assert timelines.state(replace(ROW, busy=True), "other") == "open in another window"
    assert timelines.state(replace(ROW, busy=True, running=True), "other") == "running in another window"
    for width, words in ((120, "open in another window"), (90, "open in another window"), (74, "elsewhere")):
        assert str(timelines.line(replace(ROW, busy=True), "other", NOW, "", width)).rstrip().endswith(words)
    assert timelines.state(replace(ROW, busy=True), ROW.id) == "open here"
    assert timelines.state(replace(ROW, forked_from="k3f9w2m7qd"), "other") == "fork"
    assert "today 09:05" in str(timelines.line(ROW, "", NOW, "", 90))


def test_hits_are_marked_as_the_search_finds_them() -> None:
    made = timelines.mark_words("… die Züge fahren, Zug um zug …", "zug")
    places = [made.plain[s.start : s.end] for s in made.spans if "underline" in str(s.style)]
    assert places == ["Züg", "Zug", "zug"]


def test_a_glimpse_is_short_and_harmless() -> None:
    turns = [Glimpse(1, "a\x1b[31m[b]" + "x" * 500, "\n\n".join(["line"] * 400), "ok"), Glimpse(2, "q", "", "failed")]
    told = "\n".join(str(line) for line in timelines.glimpse(ROW, turns, "other"))
    assert "❯ a[b]xxx" in told
    assert "(failed, no answer)" in told
    assert len(told) < 900


def test_a_glimpse_says_open_here_of_the_timeline_of_this_window() -> None:
    busy = replace(ROW, busy=True)
    assert "open here" in str(timelines.glimpse(busy, (), ROW.id)[1])
    assert "open in another window" in str(timelines.glimpse(busy, (), "other")[1])
