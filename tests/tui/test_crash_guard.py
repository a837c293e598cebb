"""A mistake in any part of the screen is a note and a line in the log, and the program goes on as before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from ralph.commands._base import Simple
from ralph.core.log import events as ev
from ralph.core.ports.face import Consent, Face
from ralph.tui.app import RalphApp
from ralph.tui.crash_guard import LOGGED
from ralph.tui.feed import between_turns
from ralph.tui.feed import feed as feeding
from ralph.tui.replay import ReplayApp
from ralph.tui.screens.replay import ReplayScreen
from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing
from ralph.tui.timeline.blocks import UserDrawing
from ralph.tui.timeline.item_scroll import ItemScroll
from ralph.tui.timeline.view import TimelineView
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.status import StatusBar
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, HandClock, Play, turn
from tests.tui.recorded import recorded
from tests.tui.see import ask, prompt, settled, text, until, write

SIZE = (100, 30)
Patch = pytest.MonkeyPatch


class Wrong(Exception):
    """The mistake that a test puts in."""


def wrong(*_: object, **__: object) -> Any:
    raise Wrong("by design")


class OnceWrong:
    """Raises at its first `times` calls, and is then the real one."""

    def __init__(self, real: Callable[..., Any], times: int = 1) -> None:
        self.real = real
        self.left = times

    def __call__(self, *args: Any, **more: Any) -> Any:
        if self.left:
            self.left -= 1
            raise Wrong("by design")
        return self.real(*args, **more)


async def works(pilot: Pilot[int]) -> None:
    """A whole turn can be had, and be seen."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    await ask(pilot, "does it go on?")
    assert "does it go on?" in text(app)
    assert "397.8" in text(app).rpartition("❯")[2]
    assert app.is_running


async def told(pilot: Pilot[int], caplog: pytest.LogCaptureFixture, words: str = "Wrong: by design") -> None:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await until(pilot, lambda: f"ralph hit a bug: {words}" in text(app), words)
    assert any(r.levelno == logging.ERROR and r.exc_info for r in caplog.records)


def once_wrong(monkeypatch: Patch, owner: Any, name: str) -> list[str]:
    """The method raises once; the list is empty as soon as it has."""
    real, left = getattr(owner, name), [name]

    def method(self: Any, *args: Any) -> Any:  # Textual counts the parameters
        if left:
            raise Wrong(f"by design in {left.pop()}")
        return real(self, *args)

    monkeypatch.setattr(owner, name, method)
    return left


@pytest.mark.usefixtures("mistakes")
@pytest.mark.parametrize(
    ("owner", "name"),
    [(Prompt, "_on_key"), (Prompt, "action_newline"), (ItemScroll, "on_resize"), (RalphApp, "on_prompt_sent")],
)
async def test_a_handler_that_raises_leaves_its_widget_alive(
    owner: type, name: str, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        left = once_wrong(monkeypatch, owner, name)
        await pilot.press("x", "ctrl+j", "y", "enter")
        await pilot.resize_terminal(90, 24)
        await until(pilot, lambda: not left)
        await told(pilot, caplog, "Wrong: by design")
        await until(pilot, lambda: not app.conversation.busy)
        prompt(app).load_text("")
        await works(pilot)


@pytest.mark.usefixtures("mistakes")
async def test_timers_and_callbacks(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        count = 0

        def tick() -> None:
            nonlocal count
            count += 1
            wrong()

        timer = app.set_interval(0.001, tick)
        app.view.set_timer(0.001, wrong)
        app.call_later(wrong)
        app.call_next(wrong)
        app.view.call_after_refresh(wrong)
        app.view.refresh()
        await told(pilot, caplog)
        await until(pilot, lambda: count > 3 * LOGGED)
        timer.stop()
        assert text(app).count("Wrong: by design") == 1
        assert sum("a mistake in ralph" in r.message for r in caplog.records) == LOGGED
        await works(pilot)


@pytest.mark.usefixtures("mistakes")
async def test_a_widget_that_cannot_be_drawn_is_blank_and_the_rest_is_there(
    make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        monkeypatch.setattr(StatusBar, "render", wrong)
        app.shell.announce("header")
        app.widgets.status_bar.refresh()
        await told(pilot, caplog)
        await works(pilot)


async def test_what_fails_in_the_loop_or_in_a_task_that_nobody_awaits(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asyncio.get_running_loop().call_soon(wrong)
        await told(pilot, caplog)
        await works(pilot)


async def test_a_command_with_a_bug(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    async def run(argument: str, face: Face) -> None:
        wrong()

    app = make_app()
    app.commands = [*app.commands, Simple("broken", "is broken", run)]
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/broken", "enter")
        await told(pilot, caplog)
        await works(pilot)


@pytest.mark.usefixtures("mistakes")
@pytest.mark.parametrize("action", ["action_details", "action_copy_answer", "action_page"])
async def test_a_key_with_a_bug(
    action: str, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        monkeypatch.setattr(app, action, wrong)
        await pilot.press({"action_details": "ctrl+o", "action_copy_answer": "ctrl+y"}.get(action, "pageup"))
        await told(pilot, caplog)
        await works(pilot)


# The timeline: what the feed takes in, what drawings do.


async def test_the_feed_cannot_take_it_in(
    make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        monkeypatch.setattr(feeding.LiveTurn, "add", OnceWrong(feeding.LiveTurn.add))
        await ask(pilot, "hello")
        await told(pilot, caplog, "a part of the turn could not be shown")
        await until(pilot, lambda: "397.8" in text(app))
        await works(pilot)


async def test_what_came_with_it_is_shown(
    play: Play, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        monkeypatch.setattr(between_turns, "NoteDrawing", OnceWrong(between_turns.NoteDrawing))
        for n in range(3):
            play.emit(0, 0, ev.Note("test", f"note {n}"))
        await until(pilot, lambda: "note 2" in text(app))
        assert "note 0" not in text(app)
        assert "note 1" in text(app)
        await told(pilot, caplog, "a part of the turn could not be shown")
        await works(pilot)


async def test_a_turn_that_had_to_be_mended_is_there_once_with_what_was_to_follow(
    play: Play, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of 2,340" in text(app))
        play.emit(1, 0, ev.RolesChanged(dict(play.roles), {**play.roles, "format": "openai:other"}))
        monkeypatch.setattr(feeding.LiveTurn, "fold", wrong)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        await until(pilot, lambda: "→ openai:other" in text(app))
        assert text(app).count("❯ hello") == 1
        assert text(app).count("397.8") == 2  # the call and the answer
        assert text(app).index("─ 3.13s") < text(app).index("→ openai:other")
        assert any("could not be shown" in r.message for r in caplog.records)
        monkeypatch.undo()
        await works(pilot)


@pytest.mark.parametrize("where", ["replace", "redraw"])
async def test_the_view_cannot_show_it(
    where: str, play: Play, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is shown of the running turn may be less, what is shown of it in the end is all."""
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        left = once_wrong(monkeypatch, TimelineView, where)
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: not left)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        await until(pilot, lambda: "212 lines" in text(app))
        assert any("could not be shown" in r.message for r in caplog.records)
        await works(pilot)


async def test_the_beat_of_a_running_turn(
    play: Play, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of 2,340" in text(app))
        monkeypatch.setattr(feeding.LiveTurn, "running", wrong)
        app.feed.beat()
        await told(pilot, caplog, "a running turn could not be shown")
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        monkeypatch.undo()
        assert "212 lines" in text(app)
        await works(pilot)


@pytest.mark.parametrize("kind", [AnswerDrawing, UserDrawing, LiveDrawing])
@pytest.mark.parametrize("method", ["draw", "guess"])
async def test_a_drawing_that_raises(
    kind: type, method: str, play: Play, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(kind, method, wrong)
            await write(pilot, "hello", "enter")
            if kind is LiveDrawing and method == "draw":
                await until(pilot, lambda: any("could not be drawn" in r.message for r in caplog.records))
            gate.opened.set()
            await until(pilot, lambda: settled(app, 1))
            if kind is not LiveDrawing and method == "draw":
                assert "this could not be drawn" in text(app)
            await pilot.resize_terminal(70, 20)
        await works(pilot)


async def test_a_saved_turn_that_cannot_be_shown_hides_no_other(
    play: Play, make_app: MakeApp, monkeypatch: Patch
) -> None:
    play.past(1, turn(1, "first")).past(2, turn(2, "second"))
    monkeypatch.setattr(between_turns, "drawings", OnceWrong(between_turns.drawings))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert "this could not be drawn" in text(app)
        assert "second" in text(app)
        await works(pilot)


async def test_a_question_that_cannot_be_asked_is_denied(
    mistakes: list[Exception], make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        monkeypatch.setattr(app.widgets.panel, "ask", wrong)
        assert (await app.allow(Consent("1.3c1", "run"))).allowed is False
        await told(pilot, caplog)
        assert mistakes == []
        await works(pilot)


# Screens.


class Screens(ModalScreen[None]):
    """Raises where it is told to."""

    BINDINGS = [("x", "wrong"), ("escape", "dismiss")]

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def compose(self) -> ComposeResult:
        if self.where == "compose":
            wrong()
        yield Static("a screen")

    def on_mount(self) -> None:
        if self.where == "mount":
            wrong()
        if self.where == "worker":
            self.run_worker(self.work(), exit_on_error=False)
        if self.where == "fatal worker":
            self.run_worker(self.work())
        if self.where == "timer":
            self.set_timer(0.001, wrong)

    async def work(self) -> None:
        wrong()

    def action_wrong(self) -> None:
        wrong()


@pytest.mark.usefixtures("mistakes")
@pytest.mark.parametrize("where", ["compose", "mount", "worker", "fatal worker", "timer", "action"])
async def test_a_screen_with_a_bug(where: str, make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.push_screen(Screens(where))
        if where == "action":
            await until(pilot, lambda: isinstance(app.screen, Screens))
            await pilot.press("x")
        await told(pilot, caplog)
        if where not in ("compose", "mount"):  # these two leave by themselves: there is nothing to leave them by
            assert isinstance(app.screen, Screens)
            await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Screens))
        await works(pilot)


async def test_a_screen_that_cannot_even_be_made(
    make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    from ralph.tui.screens import usage

    monkeypatch.setattr(usage, "screen", wrong)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/usage", "enter")
        await told(pilot, caplog)
        await works(pilot)


@pytest.mark.usefixtures("mistakes")
async def test_a_replay_goes_on(clock: HandClock, monkeypatch: Patch, caplog: pytest.LogCaptureFixture) -> None:
    app = ReplayApp("k3f9w2m7qd", recorded(turn(1, "one"), turn(2, "two")), clock=clock)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ReplayScreen) and app.screen.is_mounted)
        made = app.screen
        assert isinstance(made, ReplayScreen)
        for owner, name in (
            (made.player, "advance"), (made, "_words"), (made.feed._sink, "chunk"), (made.replay, "timeline"),
        ):  # fmt: skip
            with monkeypatch.context() as patch:
                broken = OnceWrong(getattr(owner, name))
                patch.setattr(owner, name, broken)
                clock.at += 3.5
                await until(pilot, lambda broken=broken: not broken.left, name)
            await pilot.press("home")
            made.player.play()
            made._ticker.resume()
        assert any(r.exc_info for r in caplog.records)
        await pilot.press("end")
        await until(pilot, lambda: "two" in "".join(made.view.line_text(n) for n in range(made.view.model.total)))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0


@pytest.mark.usefixtures("mistakes")
async def test_before_the_first_paint_a_mistake_ends_the_program(make_app: MakeApp, monkeypatch: Patch) -> None:
    app = make_app()
    monkeypatch.setattr(app, "compose", wrong)
    with pytest.raises(Wrong):
        async with app.run_test(size=SIZE):
            pass
    assert app.return_code == 1
