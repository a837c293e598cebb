"""The timeline as lines: ten thousand items, drawn only where they are seen, and never a jump while reading."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection
from textual.strip import Strip

from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn
from ralph.tui.brush import Brush
from ralph.tui.themes import own_variables
from ralph.tui.timeline.item_list import ItemList
from ralph.tui.timeline.view import TimelineView
from tests.tui.conftest import MakeApp
from tests.tui.play import Play, turn
from tests.tui.see import PATIENCE_S, brush, screen, until, view

MANY = 10_000


@dataclass(frozen=True, slots=True)
class Lines:
    """An item of known height whose guess is wrong."""

    name: int
    height: int
    off: int = 0

    def guess(self, width: int) -> int:
        return max(1, self.height + self.off)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        return [brush.line((f"{self.name}/{n}", "")) for n in range(self.height)]


def many(count: int = MANY, seed: int = 7) -> list[Lines]:
    made = random.Random(seed)
    return [Lines(n, made.randint(1, 14), made.randint(-5, 5)) for n in range(count)]


class Bare(App[None]):
    def __init__(self, items: list[Lines]) -> None:
        super().__init__()
        self.items = items

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return own_variables(self.current_theme)

    def compose(self) -> ComposeResult:
        yield TimelineView()

    def on_mount(self) -> None:
        self.query_one(TimelineView).replace(0, 0, self.items)


def seen(app: App[None]) -> list[str]:
    shown = app.query_one(TimelineView)
    return [shown.render_line(y).text.rstrip() for y in range(shown.size.height)]


async def quiet(pilot: Pilot[None]) -> None:
    """Until everything around the view has been measured."""
    shown = pilot.app.query_one(TimelineView)
    await pilot.pause()
    deadline = time.monotonic() + PATIENCE_S
    while shown._idle is not None:
        assert time.monotonic() < deadline, f"never quiet: {pilot.app.animator._animations}"
        await pilot.pause(0.005)


async def test_paging_up_through_what_was_never_measured_does_not_jump() -> None:
    app = Bare(many())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = app.query_one(TimelineView)
        await quiet(pilot)
        for _ in range(40):
            before = seen(app)[:4]
            shown.scroll_to(y=shown.scroll_y - 20, animate=False)
            await quiet(pilot)
            assert seen(app)[20:24] == before


async def test_only_what_is_near_the_view_is_drawn() -> None:
    app = Bare(many())
    async with app.run_test(size=(120, 40)) as pilot:
        await quiet(pilot)
        drawn = sum(item.exact for item in app.query_one(TimelineView).model.items)
        assert drawn < 100


async def test_the_end_is_the_end_however_wrong_the_guesses() -> None:
    app = Bare(many())
    async with app.run_test(size=(120, 40)) as pilot:
        await quiet(pilot)
        last = app.items[-1]
        assert seen(app)[-1] == f"{last.name}/{last.height - 1}"


async def test_a_reader_stays_where_they_are_when_something_above_changes() -> None:
    app = Bare(many(300))
    async with app.run_test(size=(100, 30)) as pilot:
        shown = app.query_one(TimelineView)
        await quiet(pilot)
        shown.scroll_to(y=shown.model.top(150), animate=False)
        await quiet(pilot)
        before = seen(app)
        shown.replace(10, 12, [Lines(1000 + n, 9) for n in range(5)])
        await quiet(pilot)
        assert seen(app) == before


@dataclass(frozen=True, slots=True)
class Counted(Lines):
    """Tells how often it was compared."""

    seen: ClassVar[list[int]] = []

    def __eq__(self, other: object) -> bool:
        self.seen.append(self.name)
        return isinstance(other, Counted) and self.name == other.name

    def __hash__(self) -> int:
        return self.name


async def test_another_timeline_is_not_compared_with_the_old_one() -> None:
    app = Bare([Counted(n, 2) for n in range(1000)])
    async with app.run_test(size=(100, 30)) as pilot:
        shown = app.query_one(TimelineView)
        await quiet(pilot)
        shown.scroll_to(y=100, animate=False)
        await quiet(pilot)
        Counted.seen.clear()
        shown.reset([Counted(n, 2) for n in range(2000, 2100)])
        assert not Counted.seen
        assert shown.follow
        await quiet(pilot)
        assert "2099/1" in seen(app)[-2:]
        assert shown.virtual_size.height == 200


async def test_of_another_timeline_nothing_is_selected() -> None:
    app = Bare(many(100))
    async with app.run_test(size=(100, 30)) as pilot:
        shown = app.query_one(TimelineView)
        await quiet(pilot)
        app.screen.selections = {shown: Selection(Offset(0, 0), Offset(3, 2))}
        await pilot.pause()
        shown.reset(many(50))
        await pilot.pause()
        assert not app.screen.selections
        assert not app.screen.get_selected_text()


def test_new_items_are_compared_with_the_old_ones_near_them_only() -> None:
    model = ItemList()
    model.resize(80)
    model.splice(0, 0, [Counted(n, 2) for n in range(2000)])
    kept = list(model.items)
    Counted.seen.clear()
    model.splice(0, 2000, [Counted(n + 5000 * (n % 10 == 5), 2) for n in range(2000)])
    assert len(Counted.seen) < 2000 * 10
    assert [item for item in model.items if item.drawing.name < 5000] == [i for n, i in enumerate(kept) if n % 10 != 5]


async def test_a_reader_keeps_their_item_through_a_resize() -> None:
    app = Bare(many(300))
    async with app.run_test(size=(100, 30)) as pilot:
        shown = app.query_one(TimelineView)
        await quiet(pilot)
        shown.scroll_to(y=shown.model.top(150), animate=False)
        await quiet(pilot)
        for width in (80, 120, 60):
            await pilot.resize_terminal(width, 30)
            await quiet(pilot)
            assert seen(app)[0].startswith("150/")


async def test_following_goes_on_through_appends_and_resizes() -> None:
    app = Bare(many(50))
    async with app.run_test(size=(100, 30)) as pilot:
        shown = app.query_one(TimelineView)
        await quiet(pilot)
        shown.replace(50, 50, [Lines(50, 3)])
        await pilot.resize_terminal(70, 20)
        await quiet(pilot)
        assert seen(app)[-1] == "50/2"


async def test_the_rest_of_the_screen_is_not_laid_out_for_a_new_line() -> None:
    app = Bare(many(50))
    async with app.run_test(size=(100, 30)) as pilot:
        layouts, before = 0, -1
        made = app.screen._refresh_layout

        def counted(*args: object, **more: object) -> None:
            nonlocal layouts
            layouts += 1
            made(*args, **more)  # type: ignore[arg-type]

        app.screen._refresh_layout = counted  # type: ignore[method-assign]
        while layouts != before:  # on a busy machine the first layouts come late
            before = layouts
            await quiet(pilot)
        app.query_one(TimelineView).replace(50, 50, [Lines(50, 3)])
        await quiet(pilot)
        assert layouts == before


async def test_a_reopened_timeline_of_ten_thousand_blocks(make_app: MakeApp) -> None:
    play = Play()
    play.past(1, turn(1, "first question"))
    first = play.timeline().turns[0]
    whole = _repeated(play.timeline(), first)
    play.timeline = lambda: whole  # type: ignore[method-assign]
    app = make_app(conversation=play)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "$0.0042" in screen(app)[-1])
        shown = view(app)
        assert len(shown.model) == MANY // 4 * 7
        assert sum(item.exact for item in shown.model.items) < 200
        await pilot.press("home")
        assert "question 0" in screen(app)[1]


def _repeated(whole: Timeline, first: Turn) -> Timeline:
    asked = (replace(first.started, prompt=f"question {n}") for n in range(MANY // 4))
    return replace(whole, turns=tuple(replace(first, number=n, started=s) for n, s in enumerate(asked)))


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 5)), max_size=30))
def test_tops_are_always_the_sums_of_the_heights(edits: list[tuple[int, int, int]]) -> None:
    paint, model, name = brush(), ItemList(kept_lines=20), 0
    model.resize(40)
    for place, gone, new in edits:
        start = min(place, len(model))
        stop = min(len(model), start + gone)
        model.splice(start, stop, [Lines(name + n, (name + n) % 6, 2) for n in range(new)])
        name += new
        if len(model):
            model.strips(name % len(model), paint)
            model.at(name)
        assert model.total == sum(item.height for item in model.items)
        at = 0
        for index, item in enumerate(model.items):
            assert model.top(index) == at
            if item.height:
                assert model.at(at) == index
            at += item.height


def test_strips_are_kept_for_what_was_seen_last_only() -> None:
    paint, model = brush(), ItemList(kept_lines=50)
    model.resize(40)
    model.splice(0, 0, [Lines(n, 10) for n in range(20)])
    for index in range(20):
        model.strips(index, paint)
    assert model._lines <= 50
    assert len(model._strips) == 5


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_an_item_that_shows_the_same_keeps_its_strips(keep: int) -> None:
    paint, model = brush(), ItemList()
    model.resize(40)
    model.splice(0, 0, [Lines(n, 3) for n in range(3)])
    strips = model.strips(keep, paint)
    model.splice(0, 3, [Lines(n if n == keep else n + 10, 3) for n in range(3)])
    assert model.strips(keep, paint) is strips
