"""Search in the timeline: what is counted, what is marked, how one goes from match to match."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from ralph.tui.app import RalphApp
from ralph.tui.markdown.parts import Part, split
from ralph.tui.timeline.answers import AnswerDrawing
from ralph.tui.timeline.item_list import TimelineItem
from ralph.tui.timeline.matches import Folded, Matches, fold, matches, source
from ralph.tui.timeline.targets import Target
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, Play, Say, Step, turn
from tests.tui.see import brush, prompt, screen, settled, text, until, view, write

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

SIZE = (100, 30)


def told(app: RalphApp) -> str:
    return str(app.query_one("#find-count").render())


def marked(app: RalphApp) -> list[tuple[str, bool]]:
    """The underlined text in sight, and whether it is reversed too."""
    made: list[tuple[str, bool]] = []
    for y in range(view(app).size.height):
        for segment in view(app).render_line(y):
            style = segment.style
            if style and style.underline and style.bold:
                made.append((segment.text, bool(style.reverse)))
    return made


async def find(pilot: Pilot[int], words: str, count: str) -> None:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.press("ctrl+f", *words)
    await until(pilot, lambda: told(app).startswith(count))


@pytest.fixture
def many(play: Play) -> Play:
    for n in range(1, 30):
        play.past(n, turn(n, f"question {n}", f"The answer is number {n}, straße and 日本語 👍🏽.", thinking="quietly"))
    return play


async def test_a_command_is_found_above_what_it_said(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/set speed 3", "enter")
        await until(pilot, lambda: "no setting" in text(app))
        await find(pilot, "set speed 3", "1 of 1")
        assert marked(app) == [("set speed 3", True)]


async def test_matches_are_counted_from_the_one_in_sight(many: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "ANSWER  is", "29 of 29")
        assert marked(app)[-1] == ("answer is", True)
        assert ("answer is", False) in marked(app)[:-1]
        await pilot.press("enter")
        assert told(app).startswith("1 of 29")
        assert ("answer is", True) in marked(app)
        assert "number 1," in text(app)
        await pilot.press("up", "up")
        assert told(app).startswith("28 of 29")
        await pilot.press("down")
        assert told(app).startswith("29 of 29")


@pytest.mark.parametrize(
    ("words", "shown"), [("STRASSE", "straße"), ("日本", "日本"), ("👍🏽", "👍🏽"), ("question 7", "question 7")]
)
async def test_case_wide_characters_and_emoji(many: Play, make_app: MakeApp, words: str, shown: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+f")
        app.query_one("#find-words").insert_text_at_cursor(words)  # type: ignore[attr-defined]
        await until(pilot, lambda: " of " in told(app))
        assert (shown, True) in marked(app)


async def test_what_hides_a_match_is_unfolded(many: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert "│ A REPL." not in text(app)
        await find(pilot, "a repl", "29 of 29")
        assert ("A REPL", True) in marked(app)
        assert text(app).count("│ A REPL.") == 1
        assert any("│ A REPL." in line for line in screen(app))
        await pilot.press("escape")
        await find(pilot, "quietly", "29 of 29")
        assert ("quietly", True) in marked(app)


async def test_a_match_far_down_in_a_long_output_is_shown(play: Play, make_app: MakeApp) -> None:
    output = "\n".join(f"line {n}" for n in range(1000))
    play.past(1, turn(1, "q", output=output))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "line 987", "1 of 1")
        assert any("│ line 987" in line for line in screen(app))
        assert ("line 987", True) in marked(app)


async def test_escape_closes_and_stays_there(many: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "question 7", "1 of 1")
        before = screen(app)
        await pilot.press("escape")
        assert [line[1:] for line in screen(app)][: len(before)] == [line[1:] for line in before]
        assert not marked(app)
        assert prompt(app).has_focus
        assert many.stops == 0
        assert view(app).place == Target(7, "user", "7.user")
        await pilot.press("alt+up")
        assert view(app).place == Target(7, "user", "7.user")


async def test_n_goes_on_from_the_blocks(many: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "number 1", "11 of 11")
        await pilot.press("escape", "alt+up", "N")
        await until(pilot, lambda: ("number 1", True) in marked(app))
        place = view(app).place
        assert place
        assert place.turn == 18
        await pilot.press("n")
        assert view(app).place == Target(19, "answer", "19.4")


async def test_no_match_and_no_words(many: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "nowhere", "no match")
        await pilot.press("enter", "up")
        assert view(app).follow
        for _ in "nowhere":
            await pilot.press("backspace")
        assert told(app) == ""
        await pilot.press("enter")


async def test_a_streaming_answer_is_found_and_found_again_when_it_has_ended(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of" in text(app))
        await find(pilot, "17 %", "1 of 1")
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        await pilot.press("enter")
        await until(pilot, lambda: ("17 %", True) in marked(app))


async def test_what_streams_in_after_the_search_is_found_too(play: Play, make_app: MakeApp) -> None:
    first, second = Gate(), Gate()

    def script(number: int, prompt: str, context: str) -> list[Step]:
        steps = turn(number, prompt, pieces=["17 % is much", "; 17 % and 17 % is more"], gate=first)
        said = next(n for n, (_, step) in enumerate(steps) if isinstance(step, Say) and "more" in step.text)
        return [*steps[: said + 1], (steps[said][0], second), *steps[said + 1 :]]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % is much" in text(app))
        await find(pilot, "17 %", "1 of 1")
        first.opened.set()
        await until(pilot, lambda: "is more" in text(app))
        await pilot.press("enter")
        await until(pilot, lambda: told(app).startswith("2 of 3"))
        second.opened.set()
        await until(pilot, lambda: settled(app, 1))


async def test_ten_thousand_blocks_are_searched_by_their_texts(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "first question"))
    timeline = play.timeline()
    first = timeline.turns[0]
    asked = (replace(first.started, prompt=f"question {n}") for n in range(2500))
    whole = replace(timeline, turns=tuple(replace(first, number=n, started=s) for n, s in enumerate(asked)))
    play.timeline = lambda: whole  # type: ignore[method-assign]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "question 3", "11")
        assert told(app).startswith("111 of 111")
        await find(pilot, "question 33", "11 of 11")
        assert sum(item.exact for item in view(app).model.items) < 500


def test_markup_between_words_is_overlooked_and_code_is_not() -> None:
    item, folded = TimelineItem(AnswerDrawing(Part("a **bold** word and `2**3`"))), Folded()
    assert folded.count(item, fold("bold word")) == 1
    assert folded.count(item, fold("2**3")) == 1


def test_a_long_answer_is_read_only_if_it_holds_what_is_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n\n".join(f"paragraph **{n}** of many" for n in range(500))
    items, folded = [TimelineItem(AnswerDrawing(part)) for part in split(text)], Folded()
    assert [sum(folded.count(item, fold(f"paragraph {n}  OF")) for item in items) for n in (7, 499)] == [1, 1]
    monkeypatch.setattr("ralph.tui.markdown.parts._read", None)
    assert sum(folded.count(item, fold("nobody wrote this")) for item in items) == 0
    with pytest.raises(TypeError):
        Folded().count(items[0], fold("paragraph 8"))


def test_a_match_over_a_wrapped_line_is_one_match() -> None:
    strips = AnswerDrawing(Part("one two three four five six seven")).draw(brush(wraps=True), 20)
    assert len(strips) > 1
    pieces = matches(strips, "two three four five")
    assert {nth for *_, nth in pieces} == {0}
    assert "".join(strips[at].text[start:end] for at, start, end, _ in pieces).replace(" ", "") == "twothreefourfive"


WORDS = st.text(alphabet="abßİ日本👍 \n*", max_size=60)


@given(WORDS, st.text(alphabet="abßİ日本👍", min_size=1, max_size=3))
def test_no_text_breaks_the_marks(words: str, sought: str) -> None:
    drawing = AnswerDrawing(Part(words))
    strips = drawing.draw(brush(wraps=True), 30)
    found = Matches(sought)
    assert fold(source(drawing)) == fold(words)
    for at, start, end, _ in matches(strips, found.sought):
        assert fold(sought)[0] in strips[at].text[start:end].casefold() or end - start <= len(fold(sought))


async def test_the_bottom_line_has_the_keys_of_the_search(many: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await find(pilot, "answer is", "29 of 29")
        shown = app.widgets.key_line.render().plain
        assert "Enter next match · Up match before · Esc close" in shown
        assert "send" not in shown
        await pilot.press("escape")
        await until(pilot, lambda: "Enter send" in app.widgets.key_line.render().plain)


def test_the_search_bar(many: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """The bar above the prompt, the count, matches underlined and the chosen one reversed."""

    async def search(pilot: Pilot[int]) -> None:
        await find(pilot, "answer is", "29 of 29")

    app = make_app()
    assert snap_compare(app, terminal_size=SIZE, run_before=search)
