"""Each key of the screen does what the help says."""

from __future__ import annotations

import asyncio
import re

import pytest
from textual.binding import Binding
from textual.widgets import OptionList

from ralph.tui import keys
from ralph.tui.screens.context import ContextScreen
from ralph.tui.screens.help import HelpScreen
from ralph.tui.screens.models import ModelScreen
from ralph.tui.screens.pick import PickScreen
from ralph.tui.screens.timelines import TimelinesScreen
from ralph.tui.screens.usage import UsageScreen
from ralph.tui.widgets.consent import ConsentPanel
from ralph.tui.widgets.prompt import Prompt
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import ANSWER, Gate, HandClock, Play, turn
from tests.tui.see import ask, hint, lines, options, part, prompt, screen, settled, text, until, view, write

SIZE = (100, 30)
# In a terminal these are Enter, Tab, Backspace and Esc.
NEVER = {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+["}


@pytest.fixture
def long(play: Play) -> Play:
    for n in range(1, 30):
        play.past(n, turn(n, f"question {n}"))
    return play


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
async def test_newline_keys_do_not_send(key: str, play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "one", key, "t", "w", "o")
        assert prompt(app).text == "one\ntwo"
        assert play.submitted == []


async def test_a_backslash_before_enter_is_a_newline(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "one\\", "enter", "x")
        assert prompt(app).text == "one\nx"
        assert play.submitted == []


async def test_enter_on_nothing_sends_nothing(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "  ", "enter")
        assert play.submitted == []


async def test_the_prompt_grows_to_ten_rows(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert prompt(app).size.height == 1
        await write(pilot, "\n".join("abc"))
        assert prompt(app).size.height == 3
        await write(pilot, "\n" * 20)
        assert prompt(app).size.height == 10


async def test_up_and_down_walk_through_what_was_sent(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "from before"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "typed now")
        await write(pilot, "draft", "up")
        assert prompt(app).text == "typed now"
        await pilot.press("up", "up")
        assert prompt(app).text == "from before"
        await pilot.press("down", "down")
        assert prompt(app).text == "draft"


async def test_pasted_line_ends_are_newlines(make_app: MakeApp) -> None:
    from textual import events

    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        prompt(app).post_message(events.Paste("one\r\ntwo\rthree"))
        await until(pilot, lambda: prompt(app).text)
        assert prompt(app).text == "one\ntwo\nthree"


async def test_ctrl_c_clears_then_quits_at_the_second_time(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "draft", "ctrl+c")
        assert prompt(app).text == ""
        clock.at = 10
        await pilot.press("ctrl+c")
        clock.at = 13
        await pilot.press("ctrl+c")
        assert app.is_running
        clock.at = 14
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)
    assert app.return_value == 0


async def test_ctrl_c_stops_a_turn(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: play.busy)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: settled(app, 1))
        assert "■ cancelled" in lines(app)[-2]


async def test_ctrl_d_quits_only_when_nothing_is_written(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "ab", "left", "ctrl+d")
        assert prompt(app).text == "a"
        await pilot.press("backspace", "ctrl+d")
        await until(pilot, lambda: not app.is_running)
    assert app.return_value == 0


async def test_quitting_stops_the_running_turn_first(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: play.busy)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: not app.is_running)
    assert play.timeline().turns[-1].status == "cancelled"


async def test_paging_leaves_the_end_and_end_comes_back(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "$0.0042" in screen(app)[-1])
        await pilot.press("pageup")
        assert not view(app).follow
        assert "below, End" in hint(app)
        await pilot.press("pagedown")
        assert view(app).follow
        await pilot.press("home")
        assert "question 1" in screen(app)[1]
        await pilot.press("end")
        assert view(app).follow
        assert "below" not in hint(app)


async def test_what_comes_while_one_reads_above_does_not_move_the_view(long: Play, make_app: MakeApp) -> None:
    gate = Gate()
    long.script = lambda n, p, c: turn(n, p, "\n\n".join(["word"] * 60), gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "word" in screen(app)[-3])
        await pilot.press("pageup")
        before = screen(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 30))
        assert screen(app) == before
        assert "lines below, End" in hint(app)


async def test_home_and_end_are_the_lines_while_there_is_text(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "abc", "home")
        assert prompt(app).cursor_location == (0, 0)
        await pilot.press("end")
        assert prompt(app).cursor_location == (0, 3)
        assert view(app).follow
        await pilot.press("ctrl+home")
        assert view(app).scroll_y == 0


async def test_ctrl_y_copies_the_last_answer(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+y")
        assert app.clipboard == ANSWER


async def test_ctrl_l_picks_a_model(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        await until(pilot, lambda: any("claude-haiku-4-5" in line for line in options(app)))
        await pilot.press(*"haiku", "enter")
        await until(pilot, lambda: "From the next turn on" in text(app))
        assert play.roles["format"] == "anthropic:claude-haiku-4-5"


async def test_a_screen_can_be_left_and_keys_of_the_timeline_sleep_under_it(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, TimelinesScreen))
        await pilot.press("ctrl+l", "ctrl+n", "down", "up")
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, TimelinesScreen))
        assert app.conversation is play


async def test_a_list_is_moved_and_chosen_with_keys(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        chosen = asyncio.ensure_future(app.controllers.dialogs.choose("Which?", [("a", "first"), ("b", "second")]))
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("down", "down", "down")
        assert app.screen.query_one(OptionList).highlighted == 1
        await pilot.press("enter")
        assert await chosen == "b"


async def test_ctrl_n_opens_a_new_timeline_and_closes_the_old(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "old words"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.conversation.id == "n3w0000000")
        await until(pilot, lambda: play.closed)
        assert "old words" not in text(app)
        await ask(pilot, "new words")
        assert "new words" in text(app)


async def test_ctrl_s_goes_to_a_saved_timeline(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    saved = Play("saved00000", clock=clock).past(1, turn(1, "saved words"))
    app = make_app(desk=Desk(saved), conversation=play)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, TimelinesScreen) and options(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.conversation is saved)
        assert "saved words" in text(app)


async def test_ctrl_p_runs_a_command_from_the_palette(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*"/provider")
        await until(pilot, lambda: bool(app.screen.query_one(OptionList).option_count))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "export OPENAI_API_KEY" in part(app, "help-text"))


async def test_f1_shows_every_key(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Ctrl+Y" in part(app, "help-text"))
        shown = part(app, "help-text")
        assert all(what[:20] in shown for _, what in keys.help_rows(app))


async def test_a_key_can_be_mapped_anew(make_app: MakeApp) -> None:
    app = make_app(keymap={"help": "f2"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f1")
        assert len(app.screen_stack) == 1
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert ("F2", "help") in keys.footer(app)


def test_every_binding_has_an_id_of_its_own_and_a_key_that_a_terminal_can_tell_apart() -> None:
    screens = (PickScreen, ModelScreen, TimelinesScreen, ContextScreen, HelpScreen, UsageScreen)
    bindings = [*keys.BINDINGS, *Prompt.BINDINGS, *ConsentPanel.BINDINGS, *(b for s in screens for b in s.BINDINGS)]
    assert all(isinstance(b, Binding) and b.id for b in bindings)
    ids = [b.id for b in bindings if isinstance(b, Binding)]
    assert len(ids) == len(set(ids))
    assert not NEVER & {key for b in bindings if isinstance(b, Binding) for key in b.key.split(",")}


async def test_text_can_be_selected_with_the_mouse_and_copied(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "question"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        row = next(n for n, line in enumerate(screen(app)) if "17 % of 2,340" in line)
        await pilot.mouse_down(view(app), offset=(3, row))
        await pilot.hover(view(app), offset=(17, row))
        await pilot.mouse_up(view(app), offset=(17, row))
        await until(pilot, app.screen.get_selected_text)
        await pilot.press("ctrl+c")
        assert app.clipboard.startswith("17 % of 2,340")
        assert "\n" not in app.clipboard


async def test_the_idle_work_is_done_after_the_first_paint(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: desk.machine.warmed)
        assert desk.machine.warmed == 1
        assert {"sacred", "daylight"} <= set(app.available_themes)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_passing_words_stand_at_the_top_right(make_app: MakeApp, size: tuple[int, int]) -> None:
    """Under the top line, far from the newest lines and from the prompt."""
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        app.notify("a first one", timeout=60)
        app.notify("a second one, which is so long that it wraps: " + "word " * 8, timeout=60)
        await until(pilot, lambda: len(toasts := app.screen.query("Toast")) == 2 and all(t.region for t in toasts))
        first, second = (toast.region for toast in app.screen.query("Toast"))
        assert first.y == app.widgets.status_bar.region.bottom
        assert first.bottom < second.y
        assert second.bottom < size[1] // 2
        assert all(size[0] - 2 <= toast.right <= size[0] and toast.x >= size[0] // 2 - 2 for toast in (first, second))


async def test_the_first_ctrl_c_says_what_a_second_one_does(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    told: list[str] = []
    monkeypatch.setattr(app, "notify", lambda words, **_: told.append(words))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: told)
        assert told == ["Ctrl+C again quits"]


@pytest.mark.parametrize("height", [10, 15, 24, 40])
async def test_the_keys_of_a_long_list_stay_in_sight(make_app: MakeApp, height: int) -> None:
    app = make_app()
    async with app.run_test(size=(80, height)) as pilot:
        chosen = asyncio.ensure_future(
            app.controllers.dialogs.choose("Which?", [(str(n), f"number {n}") for n in range(60)])
        )
        await until(pilot, lambda: len(app.screen_stack) > 1)
        keys, rows = app.screen.query_one("#pick-keys"), app.screen.query_one("#pick-list")
        await until(pilot, lambda: rows.size.height and keys.region.bottom <= height - 1)
        await pilot.press("escape")
        await until(pilot, chosen.done)


async def test_texts_name_the_keys_as_they_are_mapped(make_app: MakeApp, play: Play) -> None:
    play.script = lambda n, p, c: turn(n, p, thinking="a thought of five words")
    mapped = {"view.details": "f6", "view.thinking": "f7", "turn.stop": "f8", "prompt.quit": "f9"}
    app = make_app(keymap=mapped)
    async with app.run_test(size=(100, 60)) as pilot:
        await write(pilot, "\n".join(f"line {n}" for n in range(30)), "enter")
        await until(pilot, lambda: settled(app, 1))
        assert "more lines, F6" in text(app)
        assert "thought, 5 words · F7 shows them" in text(app)
        await pilot.press("f1")
        await until(pilot, lambda: len(app.screen_stack) > 1 and "F6 unfolds" in part(app, "help-text"))
        shown = part(app, "help-text")
        assert re.search(r"F9 +quit, when nothing is written", shown)
        for gone in ("Ctrl+O", "Ctrl+T", "Ctrl+D"):
            assert not re.search(rf"{re.escape(gone)}\b", shown)
