"""Esc twice, or `/rewind`: the turns of the timeline with their prompts, and Enter goes back before one."""

from __future__ import annotations

from ralph.commands._dispatch import run
from ralph.tui.screens.pick import PickScreen
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, failing_turn, turn
from tests.tui.see import options, part, prompt, text, until
from tests.tui.test_commands import Listening

SIZE = (100, 40)


def three(play: Play) -> Play:
    play.past(1, turn(1, "the first question")).past(2, turn(2, "a second\nwith two lines"))
    return play.past(3, failing_turn(3, "a third, which failed"))


async def test_esc_twice_goes_back_before_the_turn_that_is_chosen(play: Play, make_app: MakeApp) -> None:
    app = make_app(conversation=three(play))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        assert part(app, "pick-title") == "Rewind to before which turn?"
        assert [line.split(" · ", 2)[::2] for line in options(app)] == [
            ["3", "a third, which failed · failed"],
            ["2", "a second with two lines"],
            ["1", "the first question"],
        ]
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.conversation is not play)
        await until(pilot, lambda: prompt(app).text == "a second\nwith two lines")
        assert [t.number for t in app.conversation.timeline().turns] == [1]
        await until(pilot, lambda: "Rewound to before turn 2, in the new fork" in text(app))
        assert len(play.timeline().turns) == 3


async def test_esc_in_the_list_changes_nothing_and_typing_narrows_it(play: Play, make_app: MakeApp) -> None:
    app = make_app(conversation=three(play))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press(*"second")
        assert len(options(app)) == 1
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.conversation is play
        await pilot.press("escape")  # one more alone is a first press again
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_the_command_offers_the_same_and_says_where_there_is_nothing(play: Play) -> None:
    face = Listening(Desk(three(play)), play)
    await run("/rewind", face)
    [(_, offered)] = face.offered
    assert [value for value, _ in offered] == ["3", "2", "1"]
    assert face.switched == []
    new = Play("n3w0000000")
    face = Listening(Desk(new), new)
    await run("/rewind", face)
    assert face.said == ["✗ there is no turn yet, so there is nothing to rewind"]
