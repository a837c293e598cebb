"""The keys of vim in the prompt: what each does to a text, and which Esc is whose."""

from __future__ import annotations

import pytest
from textual import events

from ralph.config.settings import UiSettings
from ralph.tui.screens.help import HelpScreen
from ralph.tui.screens.pick import PickScreen
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, HandClock, Play, turn
from tests.tui.see import hint, prompt, until, write

SIZE = (100, 40)
VIM = UiSettings(vim=True)
TEXT = "one two, three\n\n  four five\nsix"
# Keys after Esc at the first letter of TEXT; what stands there then, and where the cursor is.
CASES = [
    ("w", TEXT, (0, 4)), ("ww", TEXT, (0, 7)), ("3w", TEXT, (0, 9)), ("4w", TEXT, (1, 0)), ("5w", TEXT, (2, 2)),
    ("99w", TEXT, (3, 2)), ("e", TEXT, (0, 2)), ("ee", TEXT, (0, 6)), ("eee", TEXT, (0, 7)), ("5e", TEXT, (2, 5)),
    ("$", TEXT, (0, 13)), ("$b", TEXT, (0, 9)), ("$bb", TEXT, (0, 7)), ("$bbb", TEXT, (0, 4)), ("Gb", TEXT, (2, 7)),
    ("lll", TEXT, (0, 3)), ("5lhh", TEXT, (0, 3)), ("99l", TEXT, (0, 13)), ("$0", TEXT, (0, 0)),
    ("G", TEXT, (3, 0)), ("3G", TEXT, (2, 2)), ("Ggg", TEXT, (0, 0)), ("jj", TEXT, (2, 0)), ("jjj", TEXT, (3, 0)),
    ("3G0^", TEXT, (2, 2)), ("Gkk", TEXT, (1, 0)),
    ("x", TEXT[1:], (0, 0)), ("3x", TEXT[3:], (0, 0)), ("$x", TEXT.replace("three", "thre"), (0, 12)),
    ("wX", "onetwo, three\n\n  four five\nsix", (0, 3)),
    ("dw", "two, three\n\n  four five\nsix", (0, 0)), ("d2w", ", three\n\n  four five\nsix", (0, 0)),
    ("2dw", ", three\n\n  four five\nsix", (0, 0)), ("3wdw", "one two, \n\n  four five\nsix", (0, 8)),
    ("wdb", "two, three\n\n  four five\nsix", (0, 0)), ("de", " two, three\n\n  four five\nsix", (0, 0)),
    ("wD", "one \n\n  four five\nsix", (0, 3)), ("wd0", "two, three\n\n  four five\nsix", (0, 0)),
    ("dd", "\n  four five\nsix", (0, 0)), ("2dd", "  four five\nsix", (0, 2)),
    ("Gdd", "one two, three\n\n  four five", (2, 2)),
    ("dG", "", (0, 0)), ("dj", "  four five\nsix", (0, 2)), ("Gdgg", "", (0, 0)), ("99dd", "", (0, 0)),
    ("yyp", "one two, three\n" + TEXT, (1, 0)), ("ddp", "\none two, three\n  four five\nsix", (1, 0)),
    ("ddP", TEXT, (0, 0)), ("Gyyggp", "one two, three\nsix\n\n  four five\nsix", (1, 0)),
    ("dwP", TEXT, (0, 3)), ("xp", "noe two, three\n\n  four five\nsix", (0, 1)), ("ywP", "one " + TEXT, (0, 3)),
    ("yw2p", "oone one ne two, three\n\n  four five\nsix", (0, 8)),
    ("ddu", TEXT, (0, 0)), ("xxuu", TEXT, (0, 0)), ("ra", "a" + TEXT[1:], (0, 0)), ("3rz", "zzz" + TEXT[3:], (0, 2)),
    ("Q", TEXT, (0, 0)), ("dq", TEXT, (0, 0)), ("gz", TEXT, (0, 0)), ("cb", TEXT, (0, 0)), ("X", TEXT, (0, 0)),
]  # fmt: skip
# The same with what is written after them; they leave insert mode on.
WRITING = [
    ("iX", "X" + TEXT),
    ("aX", "oX" + TEXT[1:]),
    ("wIX", "X" + TEXT),
    ("AX", "one two, threeX" + TEXT[14:]),
    ("oX", "one two, three\nX" + TEXT[14:]),
    ("OX", "X\n" + TEXT),
    ("GOX", TEXT[:-3] + "X\nsix"),
    ("GoX", TEXT + "\nX"),
    ("cwX", "X two, three" + TEXT[14:]),
    ("wcwX", "one X, three" + TEXT[14:]),
    ("wwcwX", "one twoX three" + TEXT[14:]),
    ("c2wX", "X, three" + TEXT[14:]),
    ("wCX", "one X" + TEXT[14:]),
    ("ccX", "X" + TEXT[14:]),
    ("3GIX", TEXT.replace("four", "Xfour")),
    ("sX", "X" + TEXT[1:]),
    ("SX", "X" + TEXT[14:]),
]  # fmt: skip


async def at_start(pilot, app, text: str = TEXT) -> None:  # type: ignore[no-untyped-def]
    prompt(app).write(text)
    await pilot.press("escape")
    prompt(app).move_cursor((0, 0))


@pytest.mark.parametrize(("keys", "wanted", "place"), CASES)
async def test_a_command_does_what_it_does_in_vim(
    make_app: MakeApp, keys: str, wanted: str, place: tuple[int, int]
) -> None:
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await at_start(pilot, app)
        await pilot.press(*keys)
        assert (prompt(app).text, prompt(app).cursor_location) == (wanted, place)
        assert hint(app).startswith("NORMAL ") or hint(app) == "NORMAL"


@pytest.mark.parametrize(("keys", "wanted"), WRITING)
async def test_a_command_that_ends_in_insert_mode(make_app: MakeApp, keys: str, wanted: str) -> None:
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await at_start(pilot, app)
        await pilot.press(*keys)
        assert prompt(app).text == wanted
        assert hint(app) == "INSERT"


async def test_esc_ends_insert_mode_and_stops_nothing_until_it_is_meant(
    play: Play, make_app: MakeApp, clock: HandClock
) -> None:
    play.past(1, turn(1, "first"))
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "go", "enter")
        await until(pilot, lambda: play.busy)
        assert hint(app).startswith("INSERT · running")
        await write(pilot, "typed ahead")
        await pilot.press("escape", "escape")  # fingers press it twice
        assert play.busy
        assert hint(app).startswith("NORMAL · running")
        clock.at += 1.0
        await pilot.press("2", "d")
        assert hint(app).startswith("NORMAL 2d")
        await pilot.press("escape")  # the command that was begun
        assert play.busy
        await pilot.press("escape")
        await until(pilot, lambda: not play.busy)
        assert prompt(app).text == "typed ahead"


async def test_esc_twice_in_normal_mode_offers_the_turns(play: Play, make_app: MakeApp, clock: HandClock) -> None:
    app = make_app(ui=VIM, conversation=play.past(1, turn(1, "first")))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        clock.at += 1.0
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))


async def test_esc_closes_the_list_of_commands_first(make_app: MakeApp) -> None:
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("/", "m")
        await until(pilot, lambda: prompt(app).listing)
        await pilot.press("escape")
        assert (prompt(app).listing, hint(app)) == (False, "INSERT")
        await pilot.press("escape")
        assert hint(app) == "NORMAL"


async def test_what_begins_a_command_of_ralph_still_does_on_an_empty_prompt(make_app: MakeApp) -> None:
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "/", "n")
        assert (prompt(app).text, hint(app)) == ("/n", "INSERT")
        await pilot.press("escape", "escape", "d", "d", "?")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_enter_sends_and_the_next_message_begins_in_insert_mode(play: Play, make_app: MakeApp) -> None:
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "escape", "enter")
        await until(pilot, lambda: [t.started.prompt for t in play.timeline().turns] == ["hello"])
        await pilot.press("x")
        assert prompt(app).text == "x"


async def test_k_and_j_at_the_edges_walk_through_what_was_sent(play: Play, make_app: MakeApp) -> None:
    app = make_app(ui=VIM, conversation=play.past(1, turn(1, "first")).past(2, turn(2, "second")))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "k")
        assert prompt(app).text == "second"
        await pilot.press("k")
        assert prompt(app).text == "first"
        await pilot.press("j", "j")
        assert prompt(app).text == ""


async def test_a_folded_paste_is_one_piece_and_comes_back_whole(make_app: MakeApp) -> None:
    app = make_app(ui=VIM)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "see ")
        long = "line @notes.txt\n" * 50
        prompt(app).post_message(events.Paste(long))
        await until(pilot, lambda: "[paste 1" in prompt(app).text)
        await pilot.press("escape", "x")
        assert prompt(app).text == "see "
        await pilot.press("p")
        assert prompt(app).whole == f"see {long}"
        assert "@" not in prompt(app).typed  # what was pasted names no file
        await pilot.press("u")
        assert prompt(app).text == "see "


async def test_without_the_setting_the_prompt_is_as_ever(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "d", "d")
        assert prompt(app).text == "dd"
        assert "INSERT" not in hint(app)


async def test_a_question_mark_on_an_empty_prompt_is_help_and_else_a_letter(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*"why?")
        assert prompt(app).text == "why?"
        prompt(app).clear()
        await pilot.press("?")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert prompt(app).text == ""
