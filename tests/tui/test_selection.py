"""Selection and copying: by mouse over wide characters, over wrapped lines, while an answer streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.pilot import Pilot

from ralph.tui.app import RalphApp
from ralph.tui.timeline.selection import mark, whole, word
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, Play, turn
from tests.tui.see import brush, screen, settled, text, until, view, write

SIZE = (60, 24)


async def drag(pilot: Pilot[int], start: tuple[int, int], end: tuple[int, int]) -> str:
    """What is selected after pressing at one cell and letting go at another."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.mouse_down(view(app), offset=start)
    await pilot.hover(view(app), offset=end)
    await pilot.mouse_up(view(app), offset=end)
    await until(pilot, app.screen.get_selected_text)
    return app.screen.get_selected_text() or ""


def row_of(app: RalphApp, words: str) -> int:
    return next(n for n, line in enumerate(screen(app)) if words in line)


@pytest.mark.parametrize(
    ("answer", "first", "last", "selected"),
    [
        ("日本語のテキスト end", 3, 6, "日本"),
        ("日本語のテキスト end", 7, 13, "語のテキ"),
        ("a 👍🏽 b", 5, 6, "👍🏽"),
        ("x 👩‍👩‍👧 y", 3, 8, "x 👩‍👩‍👧 y"),
        ("e\u0301ab", 3, 4, "e\u0301a"),
        ("x 👩‍👩‍👧 yes", 8, 10, "yes"),
    ],
)
async def test_a_drag_over_wide_characters(
    play: Play, make_app: MakeApp, answer: str, first: int, last: int, selected: str
) -> None:
    play.past(1, turn(1, "question", answer))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        row = row_of(app, "─ 3.13s") - 1
        assert await drag(pilot, (first, row), (last, row)) == selected
        chosen = app.screen.get_component_rich_style("screen--selection").bgcolor
        segments = view(app).render_line(row)
        assert "".join(s.text for s in segments if s.style and s.style.bgcolor == chosen) == selected


async def test_wrapped_lines_are_copied_as_they_were_written(play: Play, make_app: MakeApp) -> None:
    words = " ".join(f"word{n}" for n in range(20))
    play.past(1, turn(1, "question", f"{words}\n\n- {words}\n\n> {words}\n\n{'x' * 90}\n\n```\none\n  two\n```"))
    app = make_app()
    async with app.run_test(size=(60, 40)) as pilot:
        top = row_of(app, "word0")
        end = row_of(app, "two")
        picked = await drag(pilot, (3, top), (50, end))
        paragraphs = [" ".join(p.split(" ")) for p in picked.split("\n\n")]
        assert paragraphs[0] == words
        assert paragraphs[1] == f"• {words}"
        assert paragraphs[2] == f"▌ {words}"
        assert paragraphs[3] == "x" * 90
        assert paragraphs[4] == " one\n   two"


async def test_a_double_click_is_on_a_word_a_triple_one_on_a_line(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "question", "see README.md, please"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        row = row_of(app, "please")
        await pilot.click(view(app), offset=(9, row), times=2)
        assert (app.screen.get_selected_text() or "").rstrip(".") == "README.md"
        await pilot.click(view(app), offset=(9, row), times=3)
        assert app.screen.get_selected_text() == "see README.md, please"


async def test_a_selection_survives_what_comes_below_it(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.past(1, turn(1, "question", "first answer"))
    play.script = lambda n, p, c: turn(n, p, "\n".join(f"- line {n}" for n in range(40)), gate=gate)
    app = make_app()
    async with app.run_test(size=(60, 70)) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "line 9" in text(app))
        row = row_of(app, "first answer")
        assert await drag(pilot, (3, row), (7, row)) == "first"
        gate.opened.set()
        await until(pilot, lambda: settled(app, 2))
        assert app.screen.get_selected_text() == "first"
        await pilot.press("ctrl+c")
        assert app.clipboard == "first"
        assert app.screen.get_selected_text() is None or not app.screen.get_selected_text()


async def test_a_selection_in_a_streaming_answer_survives_its_end(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, "some words\n\nand more of them", gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "some words" in text(app))
        row = row_of(app, "some words")
        assert await drag(pilot, (3, row), (6, row)) == "some"
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert app.screen.get_selected_text() == "some"


async def test_a_selection_moves_with_its_text_when_something_above_changes(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "first", "one")).past(2, turn(2, "second", "find me"))
    app = make_app()
    async with app.run_test(size=(60, 50)) as pilot:
        row = row_of(app, "find me")
        assert await drag(pilot, (3, row), (9, row)) == "find me"
        app.feed.folding.fold("1.3")
        await pilot.pause()
        assert row_of(app, "find me") > row
        assert app.screen.get_selected_text() == "find me"


TEXTS = st.text(alphabet="ab 日本👍🏽\u200d👩\u0301", max_size=30)


@given(TEXTS, st.integers(0, 30), st.integers(-1, 30))
def test_marking_changes_no_text_and_no_width(line: str, start: int, end: int) -> None:
    strip = brush().line((line[:4], "user"), (line[4:], ""))
    first, last = whole(line, min(start, len(line)), end)
    shown = mark(strip, [(first, last, Style(reverse=True))] if first < last else [])
    assert shown.text == line
    assert "".join(s.text for s in shown if s.style and s.style.reverse) == line[first:last]
    assert shown.cell_length == strip.cell_length


@given(TEXTS, st.integers(0, 30))
def test_a_word_is_a_part_of_its_line(line: str, at: int) -> None:
    start, end = word(line, at)
    assert 0 <= start <= end <= len(line)
