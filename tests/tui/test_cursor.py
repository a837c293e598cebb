"""The block cursor: up from the prompt, over the blocks, and what can be done with the one it is on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input

from ralph.core.ports.face import Consent
from ralph.tui import keys
from ralph.tui.app import RalphApp
from ralph.tui.screens.pick import PickScreen
from ralph.tui.timeline.block_view import MARK, RESTING, BlockView
from ralph.tui.timeline.cursor import BlockCursor
from ralph.tui.timeline.item_list import ItemList
from ralph.tui.timeline.targets import Target
from ralph.tui.widgets.consent import ConsentPanel
from tests.tui.conftest import MakeApp
from tests.tui.play import ANSWER, Gate, HandClock, Play, failing_turn, turn
from tests.tui.see import ask, hint, lines, prompt, screen, settled, text, until, view, write

SIZE = (100, 30)


@pytest.fixture
def two(play: Play) -> Play:
    return play.past(1, turn(1, "first question", thinking="I think\nof it", context="one\ntwo")).past(
        2, failing_turn(2, "second question")
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slash commands that were sent."""
    lines_: list[str] = []
    monkeypatch.setattr(RalphApp, "action_command", lambda self, line: lines_.append(line))
    return lines_


def at(app: RalphApp) -> Target | None:
    return view(app).place


def under(app: RalphApp) -> list[str]:
    """The marked lines in sight, without their mark."""
    return [line[1:].strip() for line in screen(app) if line.startswith((MARK, RESTING))]


def footer(app: RalphApp) -> str:
    return app.widgets.key_line.render().plain


async def go(pilot: Pilot[int], part: str, number: int) -> None:
    """From the prompt up to this place."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    if view(app).has_focus:
        await pilot.press("escape")
    await pilot.press("alt+up", "G")
    for _ in range(40):
        place = at(app)
        assert place
        if (place.part, place.turn) == (part, number) or (place.block == part):
            return
        await pilot.press("up")
    raise AssertionError(f"there is no {part} in turn {number}")


@pytest.mark.parametrize("key", ["alt+up", "ctrl+up", "shift+up"])
async def test_a_key_goes_up_from_the_prompt_to_the_last_block(two: Play, make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(key)
        assert at(app) == Target(2, "sum")
        assert under(app) == [line.strip() for line in lines(app)[-2:]]
        assert "Enter fold" in footer(app)
        assert "r retry" in footer(app)


async def test_without_blocks_the_prompt_keeps_the_keys(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "x")
        assert prompt(app).text == "x"


async def test_up_and_down_visit_every_block_once_and_come_back_to_the_prompt(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up")
        seen = [at(app)]
        for _ in range(30):
            await pilot.press("k")
            if at(app) != seen[-1]:
                seen.append(at(app))
        assert [p.part for p in seen if p] == [
            "sum", "step", "step", "step", "user", "sum", "answer", "step", "step", "step", "user"
        ]  # fmt: skip
        assert len(set(seen)) == len(seen)
        back = []
        while at(app):
            back.append(at(app))
            await pilot.press("j")
        assert back == seen[::-1]
        assert prompt(app).has_focus
        assert "Enter send" in footer(app)
        assert not under(app)


async def test_escape_and_any_other_letter_go_back_to_the_prompt(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "escape")
        assert prompt(app).has_focus
        assert two.stops == 0
        await pilot.press("alt+up", *"That")
        assert prompt(app).text == "That"
        assert not under(app)


async def test_what_is_pasted_goes_to_the_prompt(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up")
        view(app).post_message(events.Paste("one\r\ntwo"))
        await until(pilot, lambda: prompt(app).text == "one\ntwo")
        assert prompt(app).has_focus


async def test_another_timeline_has_no_cursor(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "v")
        await app.controllers.switch.open(None)
        await pilot.pause()
        assert at(app) is None
        assert prompt(app).has_focus
        assert not app.screen.get_selected_text()
        assert view(app).follow


async def test_shift_up_selects_in_a_prompt_with_text(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "one\ntwo", "shift+up")
        assert prompt(app).selected_text
        assert prompt(app).has_focus


async def test_edges_and_turns(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "g")
        assert at(app) == Target(1, "user", "1.user")
        await pilot.press("G")
        assert at(app) == Target(2, "sum")
        await pilot.press("left_square_bracket")
        assert at(app) == Target(2, "user", "2.user")
        await pilot.press("left_square_bracket")
        assert at(app) == Target(1, "user", "1.user")
        await pilot.press("right_square_bracket")
        assert at(app) == Target(2, "user", "2.user")


async def test_the_view_goes_with_the_cursor_and_pages(play: Play, make_app: MakeApp) -> None:
    for n in range(1, 30):
        play.past(n, turn(n, f"question {n}"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "pageup", "pageup")
        assert under(app)
        place = at(app)
        assert place
        assert 20 < place.turn < 29
        await pilot.press("g")
        assert "question 1" in screen(app)[1]
        for _ in range(40):
            await pilot.press("down")
            assert under(app)
        await pilot.press("pagedown")
        assert under(app)
        await pilot.press("end")
        assert at(app) == Target(29, "sum")
        assert under(app)


async def test_a_block_longer_than_the_view_is_read_before_it_is_left(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "long", "\n\n".join(f"paragraph {n}" for n in range(60))))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "answer", 1)
        seen: set[str] = set()
        while at(app) == Target(1, "answer", "1.4"):
            seen.update(screen(app))
            await pilot.press("k")
        assert {f"{MARK}  paragraph {n}" for n in range(60)} <= seen


async def test_the_cursor_stays_with_its_block(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.past(1, turn(1, "first"))
    play.script = lambda n, p, c: turn(n, p, "\n\n".join(["word"] * 60), gate=gate)
    app = make_app(theme="sacred")
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "second", "enter")
        await until(pilot, lambda: "word" in screen(app)[-3])
        await go(pilot, "1.3", 1)
        before = under(app)
        assert "calculate" in before[1]
        gate.opened.set()
        await until(pilot, lambda: settled(app, 2))
        assert under(app) == before
        await pilot.press("ctrl+o", "ctrl+o")
        assert at(app) == Target(1, "step", "1.3")
        await pilot.resize_terminal(84, 24)
        await until(pilot, lambda: view(app).model.width < 84)
        assert at(app) == Target(1, "step", "1.3")
        await until(pilot, lambda: "daylight" in app.available_themes)
        app.theme = "daylight"
        await until(pilot, lambda: view(app)._brush is not None)
        assert at(app) == Target(1, "step", "1.3")
        assert "calculate" in text(app)


async def test_the_cursor_on_a_streaming_answer_is_on_it_when_it_has_ended(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of" in text(app))
        await go(pilot, "answer", 1)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert at(app) == Target(1, "answer", "1.4")
        await pilot.press("y")
        assert app.clipboard == ANSWER


@pytest.mark.parametrize(
    ("part", "number", "copied"),
    [
        ("answer", 1, ANSWER),
        ("sum", 1, ANSWER),
        ("user", 1, "first question\n\none\ntwo"),
        ("1.3", 1, "calculate:\n397.8\n\nread_file:\n# ralph\n\nA REPL."),
        ("1.2", 1, "arithmetic and a file"),
        ("1.4", 1, "I think\nof it"),
        ("2.4", 2, "auth: anthropic refused the key; set ANTHROPIC_API_KEY, or choose another with /model"),
    ],
)
async def test_copy(two: Play, make_app: MakeApp, part: str, number: int, copied: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, part, number)
        if part == "1.4":  # the answer's block has the same id
            await pilot.press("up")
        await pilot.press("c")
        assert app.clipboard == copied


async def test_words_of_ralph_are_copied_as_markdown(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.feed.say("**bold** words")
        await pilot.press("alt+up", "y")
        assert app.clipboard == "**bold** words"


@pytest.mark.parametrize(
    ("part", "number", "key", "line"),
    [
        ("user", 1, "r", "/retry 1"),
        ("1.2", 1, "r", "/retry 1 route"),
        ("1.3", 1, "r", "/retry 1 tool"),
        ("answer", 1, "r", "/retry 1 format"),
        ("2.4", 2, "r", "/retry 2 format"),
        ("sum", 2, "r", "/retry 2"),
        ("1.3", 1, "f", "/fork 1"),
    ],
)
async def test_retry_and_fork(
    two: Play, make_app: MakeApp, sent: list[str], part: str, number: int, key: str, line: str
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, part, number)
        await pilot.press(key)
        assert sent == [line]
        assert prompt(app).has_focus


async def test_edit_puts_the_question_back(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "1.3", 1)
        await pilot.press("e", "!")
        assert prompt(app).text == "first question!"


@pytest.mark.parametrize("key", ["enter", "space", "o"])
async def test_one_block_alone_is_unfolded_and_folded(two: Play, make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "1.3", 1)
        await pilot.press(key)
        assert "│ A REPL." in text(app)
        assert "of it" not in text(app)
        assert "attempt 1.2a1" not in text(app)
        await pilot.press(key)
        assert "│ A REPL." not in text(app)


async def test_thinking_and_context_unfold_alone(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 50)) as pilot:
        await go(pilot, "user", 1)
        await pilot.press("enter")
        assert "│ two" in text(app)
        await go(pilot, "answer", 1)
        await pilot.press("up", "enter")
        assert "│ of it" in text(app)
        await pilot.press("ctrl+t")
        assert "│ of it" in text(app)
        await pilot.press("ctrl+t")
        assert "│ of it" not in text(app)


async def test_a_waterfall_that_is_folded_leaves_the_cursor_on_a_step(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 50)) as pilot:
        await pilot.press("alt+up", "w", "up")
        assert at(app) == Target(2, "waterfall", "2.waterfall")
        await pilot.press("o")
        assert at(app) == Target(2, "step", "2.4")
        assert under(app)


async def test_the_menu_lists_the_keys_and_does_what_is_chosen(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "answer", 1)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press(*"copy", "enter")
        await until(pilot, lambda: app.clipboard == ANSWER)
        assert view(app).has_focus


async def test_what_a_turn_was_begun_with_belongs_to_it(play: Play, make_app: MakeApp, sent: list[str]) -> None:
    steps = turn(1, "hello")
    play.past(1, [(0, replace(steps[0][1], settings={"temperature": 1})), *steps[1:]])  # type: ignore[type-var]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "g", "down")
        assert view(app).place == Target(1, "note")
        await pilot.press("f")
        await until(pilot, lambda: sent)
        assert sent == ["/fork 1"]


async def test_a_click_takes_no_keys_however_the_block_was_left(
    two: Play, make_app: MakeApp, sent: list[str], clock: HandClock
) -> None:
    """A key that was meant for the prompt would else send a retry, and that costs money."""

    async def ask_for_consent() -> None:
        task = asyncio.create_task(app.allow(Consent("1.3c1", "fetch", {}, "network")))
        await until(pilot, lambda: app.query_one(ConsentPanel).display)
        await pilot.press("shift+tab")  # a question leaves the focus to a person who is on the blocks
        await until(pilot, lambda: isinstance(app.focused, ConsentPanel))
        clock.at += 5
        await pilot.press("y")
        await task

    async def search() -> None:
        await pilot.press("ctrl+f")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("escape")

    async def click_on_the_prompt() -> None:
        await pilot.click("#prompt")

    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        for leave in (ask_for_consent, search, click_on_the_prompt):
            await pilot.press("alt+up")
            await until(pilot, lambda: view(app).has_focus)
            await leave()
            await until(pilot, lambda: prompt(app).has_focus)
            await pilot.click(view(app), offset=(10, 5))
            await pilot.press("r")
            assert prompt(app).has_focus
            assert prompt(app).text == "r"
            assert view(app) not in app.screen.focus_chain
            prompt(app).clear()
    assert not sent


async def test_a_terminal_that_comes_to_the_front_again_has_the_keys_where_they_were(
    two: Play, make_app: MakeApp
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up", "up")
        place = view(app).place
        app.post_message(events.AppBlur())
        await until(pilot, lambda: not view(app).has_focus)
        app.post_message(events.AppFocus())
        await until(pilot, lambda: view(app).has_focus)
        assert view(app).place == place


async def test_a_click_chooses_a_block_and_leaves_the_keys_to_the_prompt(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        row = next(n for n, line in enumerate(screen(app)) if "⚙ tool" in line)
        await pilot.click(view(app), offset=(30, row))
        assert at(app) == Target(1, "step", "1.3")
        assert under(app)[0].startswith("⚙ tool")
        assert screen(app)[row].startswith(RESTING)
        assert "Alt+Up keys of this block" in footer(app)
        await pilot.press("alt+up")
        assert at(app) == Target(1, "step", "1.3")
        assert screen(app)[row].startswith(MARK)
        await pilot.press("escape")
        await pilot.click(view(app), offset=(30, row))
        await pilot.press("r", "e")
        assert prompt(app).text == "re"
        assert at(app) is None


async def test_lines_are_marked_and_copied_with_keys(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "q", "one\n\ntwo\n\nthree"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "answer", 1)
        await pilot.press("v", "j", "j")
        assert "do not mark" in footer(app)
        await pilot.press("y")
        assert app.clipboard == "one\n\ntwo"
        assert not view(app).marking
        await pilot.press("v", "G", "ctrl+c")
        assert app.clipboard.startswith("one\n\ntwo\n\nthree\n─ 3.13s")
        await pilot.press("v", "escape")
        assert view(app).has_focus
        assert not app.screen.selections
        await pilot.press("escape")
        assert prompt(app).has_focus


async def test_what_comes_does_not_carry_the_block_away(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, "\n\n".join(["word"] * 60), gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "word" in screen(app)[-3])
        await pilot.press("alt+up")
        before = screen(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert screen(app) == before
        assert "below, End" in hint(app)
        await pilot.press("escape", "end")
        assert view(app).follow


async def test_the_keys_of_a_block_can_be_mapped_anew(two: Play, make_app: MakeApp) -> None:
    app = make_app(keymap={"block.enter": "f9", "block.copy": "x"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f9", "x")
        assert app.clipboard == ""
        assert "x copy" in footer(app)
        await pilot.press("up", "up", "y")
        assert prompt(app).text == "y"


def test_the_keys_of_a_block_have_ids_and_stand_in_the_help() -> None:
    bindings = [b for b in BlockView.BINDINGS if isinstance(b, Binding)]
    assert len(bindings) == len(BlockView.BINDINGS)
    assert all(b.id and b.id.startswith("block.") for b in bindings)


async def test_a_repeated_question_is_found_by_the_turn(two: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "first question")
        await go(pilot, "user", 3)
        await pilot.press("e")
        assert prompt(app).text == "first question"
        assert keys.block_rows(app)


def test_a_cursor_whose_block_is_gone_stands_on_the_nearest() -> None:
    from ralph.tui.timeline.blocks import NoteDrawing

    model = ItemList()
    model.resize(40)
    model.splice(0, 0, [NoteDrawing(f"note {n}", n) for n in range(5)])
    cursor = BlockCursor(model)
    assert cursor.set(3)
    model.splice(3, 5, [])
    assert cursor.index == 2
    model.splice(0, 3, [])
    assert cursor.index is None


async def test_a_waterfall_that_is_opened_comes_into_sight(two: Play, make_app: MakeApp) -> None:
    """It stands under the steps, so it may be below what is seen; the block keeps its place in sight."""
    app = make_app()
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.press("alt+up", "g", "down", "down", "w")
        await until(pilot, lambda: any("first token" in line for line in screen(app)))
        assert any("tool" in line for line in under(app))


def test_the_cursor_and_a_waterfall(two: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """The mark in the margin beside a step, its details, the waterfall under the steps, the keys at the bottom."""
    app = make_app()
    keys_ = ("alt+up", "g", "down", "down", "enter", "w")
    assert snap_compare(app, terminal_size=(100, 36), press=keys_)
