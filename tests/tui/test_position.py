"""The reader's position in ten thousand blocks: paging, resizes, themes, details and new lines do not move it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ralph.tui.app import RalphApp
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, Play, turn
from tests.tui.see import quiet, screen, settled, until, view, write

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

TURNS = 2500
ANSWER = "\n\n".join(
    f"Paragraph {n} of an answer that is long enough to be wrapped in a narrow terminal." for n in range(5)
)


@pytest.fixture
def long(play: Play) -> Play:
    """A timeline of many turns, of which only the screen's own are ever drawn."""
    play.past(1, turn(1, "first question", ANSWER))
    timeline = play.timeline()
    first = timeline.turns[0]
    turns = []
    for number in range(1, TURNS + 1):
        blocks = tuple(replace(b, id=f"{number}.{b.id.partition('.')[2]}") for b in first.blocks)
        turns.append(
            replace(first, number=number, blocks=blocks, started=replace(first.started, prompt=f"question {number}"))
        )
    folded = play._fold

    def whole() -> object:
        now = folded.timeline()
        return replace(now, turns=(*turns, *(t for t in now.turns if t.number > TURNS)))

    play.timeline = whole  # type: ignore[method-assign, assignment]
    return play


def top(app: RalphApp) -> tuple[object, int]:
    """The item at the top of the view, and which of its lines."""
    shown = view(app)
    index = shown.model.at(int(shown.scroll_y))
    return getattr(shown.model.items[index].drawing, "place", None), int(shown.scroll_y) - shown.model.top(index)


async def test_no_page_up_jumps(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await quiet(pilot)
        step = view(app).size.height - 2
        for _ in range(25):
            before = screen(app)
            await pilot.press("pageup")
            await quiet(pilot)
            assert screen(app)[step:] == before[:2]
        for _ in range(10):
            before = screen(app)
            await pilot.press("pagedown")
            await quiet(pilot)
            assert screen(app)[:2] == before[step:]


async def test_resizes_keep_the_item_at_the_top(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await quiet(pilot)
        for _ in range(7):
            await pilot.press("pageup")
        await quiet(pilot)
        place, _ = top(app)
        for width in (60, 140, 81, 100):
            await pilot.resize_terminal(width, 30)
            await until(pilot, lambda width=width: abs(view(app).model.width - width) < 4)  # type: ignore[misc]
            await quiet(pilot)
            assert top(app)[0] == place


async def test_a_theme_moves_nothing(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "daylight" in app.available_themes)
        for _ in range(5):
            await pilot.press("pageup")
        await quiet(pilot)
        before = screen(app)
        app.theme = "daylight"
        await quiet(pilot)
        assert screen(app) == before


async def test_details_and_back_show_the_same_block(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await quiet(pilot)
        for _ in range(9):
            await pilot.press("pageup")
        await quiet(pilot)
        place, before = top(app)[0], screen(app)
        for key in ("ctrl+o", "ctrl+t"):
            await pilot.press(key)
            await quiet(pilot)
            assert top(app)[0] == place
            await pilot.press(key)
            await quiet(pilot)
            assert top(app)[0] == place
        assert set(before[:10]) & set(screen(app)[:10])


async def test_what_streams_below_moves_nothing(long: Play, make_app: MakeApp) -> None:
    gate = Gate()
    long.script = lambda n, p, c: turn(n, p, ANSWER * 4, gate=gate)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: any("Paragraph" in line for line in screen(app)[-4:]))
        for _ in range(3):
            await pilot.press("pageup")
        await quiet(pilot)
        before = screen(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, TURNS + 1))
        await quiet(pilot)
        assert screen(app) == before
        await pilot.press("end")
        assert view(app).follow
        assert any("─ " in line for line in screen(app)[-1:])


async def test_the_cursor_walks_through_what_was_never_measured(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await quiet(pilot)
        await pilot.press("alt+up")
        for _ in range(30):
            await pilot.press("left_square_bracket")
            assert any(line.startswith("┃") and "question" in line for line in screen(app))
        place = view(app).place
        assert place
        assert place.turn == TURNS - 29
        await pilot.press("g")
        assert "question 1 " in screen(app)[1]
        assert sum(item.exact for item in view(app).model.items) < 1200
