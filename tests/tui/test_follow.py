"""Sending goes to the end of the timeline and follows it, whatever was read before and however it was sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from ralph.tui.app import RalphApp
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, turn
from tests.tui.see import ask, prompt, quiet, screen, settled, until, view, write

SIZES = [(80, 24), (120, 40), (200, 60), (40, 12)]
LONG = "\n\n".join(f"Paragraph {n}" for n in range(60))


def long_past(play: Play, turns: int = 3) -> None:
    for n in range(1, turns + 1):
        play.past(n, turn(n, f"question {n}", LONG))


async def look_up(pilot: Pilot[int]) -> None:
    """Read what is far above the end."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.press("ctrl+home")
    await quiet(pilot)
    assert app.shell.lines_below > 0


def at_end(app: RalphApp) -> bool:
    return view(app).follow and app.shell.lines_below == 0 and view(app).scroll_y >= view(app).max_scroll_y


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("line", ["and now?", "/retry", "/retry 1 format", "/once ollama:b and now?"])
async def test_sending_goes_to_the_end(size: tuple[int, int], line: str, play: Play, make_app: MakeApp) -> None:
    long_past(play)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await look_up(pilot)
        await write(pilot, line, "enter")
        await until(pilot, lambda: app.conversation is not play or len(play.timeline().turns) > 3)
        await until(pilot, lambda: not app.conversation.busy and not app.feed.busy)
        await quiet(pilot)
        assert at_end(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_question_after_a_long_card_is_in_sight(size: tuple[int, int], play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        app.feed.say(LONG)
        await until(pilot, lambda: app.shell.lines_below > 0)
        await ask(pilot, "and now?")
        await quiet(pilot)
        assert at_end(app)
        assert any("397.8" in row for row in screen(app))


async def test_a_message_that_waited_goes_to_the_end_when_its_turn_begins(play: Play, make_app: MakeApp) -> None:
    long_past(play)
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate if n == 4 else None)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "first", "enter")
        await until(pilot, lambda: app.shell.busy)
        await look_up(pilot)
        await write(pilot, "second", "enter")
        assert at_end(app)  # sent is sent, also where it waits
        await look_up(pilot)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 5))
        await quiet(pilot)
        assert at_end(app)


async def test_a_key_on_a_block_that_sends_goes_to_the_end(play: Play, make_app: MakeApp) -> None:
    long_past(play)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("alt+up", "g", "r")
        await until(pilot, lambda: app.conversation.id.startswith("f0rk") and settled(app, 1))
        await quiet(pilot)
        assert at_end(app)


async def test_a_message_with_a_file_goes_to_the_end_at_once(play: Play, make_app: MakeApp, tmp_path: Path) -> None:
    long_past(play)
    (tmp_path / "notes.txt").write_text("a note\n")
    app = make_app(root=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await look_up(pilot)
        await write(pilot, "what is in @notes.txt here", "escape", "enter")
        await until(pilot, lambda: settled(app, 4))
        await quiet(pilot)
        assert at_end(app)


async def test_the_wheel_does_not_carry_a_sent_message_away(
    play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel scrolls by an animation, which is under way when the message is sent."""
    long_past(play)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await look_up(pilot)
        app.animation_level = "full"
        view(app).scroll_to(y=40, animate=True, duration=0.4)
        await until(pilot, lambda: app.animator.is_being_animated(view(app), "scroll_y"))
        await write(pilot, "and now?", "enter")
        await until(pilot, lambda: settled(app, 4))
        await until(pilot, lambda: not app.animator.is_being_animated(view(app), "scroll_y"))
        await quiet(pilot)
        assert at_end(app)


async def test_a_comparison_is_gone_to_however_late_it_begins(
    play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_past(play)
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=(80, 24)) as pilot:
        await look_up(pilot)
        monkeypatch.setattr("ralph.tui.controllers.face.ANSWER_S", -1.0)
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: app.shell.busy)
        await quiet(pilot)
        assert at_end(app)
        assert any("anthropic:a" in row for row in screen(app))
        gate.opened.set()


async def test_who_reads_stays_while_an_answer_comes(play: Play, make_app: MakeApp) -> None:
    """Only sending follows: nothing else takes a reader away."""
    long_past(play)
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "first", "enter")
        await until(pilot, lambda: app.shell.busy)
        await look_up(pilot)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 4))
        await quiet(pilot)
        assert not view(app).follow
        assert view(app).scroll_y == 0
        assert prompt(app).has_focus
