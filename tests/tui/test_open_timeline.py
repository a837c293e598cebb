"""What ends with a timeline: commands, messages and searches that are overtaken by another one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, Static

from ralph.core.errors import StoreFailure
from ralph.tui.app import RalphApp
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, Step, turn
from tests.tui.see import ask, hint, prompt, screen, settled, text, until, write

SIZE = (100, 30)
NEW = "n3w0000000"
LONG = "\n\n".join(f"Paragraph {n}" for n in range(60))


def burst(app: RalphApp, *keys: tuple[str, str | None]) -> None:
    """Keys that come faster than the screen can follow."""
    for key, queued in keys:
        app.post_message(events.Key(key, queued))


def held(play: Play) -> Gate:
    """Every turn waits at this gate."""
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    return gate


async def test_a_command_that_is_overtaken_does_not_act_on_another_timeline(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "q"))
    closing = asyncio.Event()

    async def close() -> None:
        await closing.wait()
        play.closed = True

    play.close = close  # type: ignore[method-assign]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/retry", "enter")
        await until(pilot, lambda: app.conversation.id.startswith("f0rk"))
        fork = app.conversation
        await pilot.press("ctrl+n")
        closing.set()
        await until(pilot, lambda: app.conversation.id == NEW)
        assert isinstance(fork, Play)
        assert isinstance(app.conversation, Play)
        assert [turn_ for turn_, _, _ in fork.reruns] == [1]
        assert not app.conversation.reruns


async def test_a_message_written_after_a_command_goes_where_the_command_leads(play: Play, make_app: MakeApp) -> None:
    """Also while the command has to wait for what is read from the disk."""
    desk, opening = Desk(play), asyncio.Event()
    opened = desk.timelines.open

    async def slow(timeline: str | None = None, **more: Any) -> Play:
        await opening.wait()
        return await opened(timeline, **more)

    desk.timelines.open = slow  # type: ignore[method-assign]
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+n")
        await write(pilot, "for the new one", "enter")
        assert app.widgets.waiting_list.text.startswith(" next: for the new one")
        opening.set()
        await until(pilot, lambda: app.conversation.id == NEW and app.conversation.timeline().turns)
        assert play.submitted == []
        assert isinstance(app.conversation, Play)
        assert app.conversation.submitted == [("for the new one", "")]


async def test_what_waited_before_the_command_comes_back_to_the_prompt(play: Play, make_app: MakeApp) -> None:
    held(play)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "first", "enter")
        await until(pilot, lambda: app.shell.busy)
        await write(pilot, "second, for the old one", "enter")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.conversation.id == NEW)
        await until(pilot, lambda: "second, for the old one" in prompt(app).text)
        assert play.submitted == [("first", "")]
        assert any(play.id in n.message for n in app._notifications)  # what was stopped is told, with its place


async def test_a_command_that_needs_no_turns_works_with_a_store_that_cannot_be_read(
    play: Play, make_app: MakeApp
) -> None:
    async def whole() -> Any:
        raise StoreFailure("the disk is gone")

    play.past(1, turn(1, "q"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        play.whole = whole  # type: ignore[method-assign]
        await write(pilot, "/copy", "enter")
        await until(pilot, lambda: "the disk is gone" in text(app))
        await write(pilot, "/quit", "enter")
        await until(pilot, lambda: app.return_code == 0)


async def test_a_comparison_ends_with_its_timeline(play: Play, make_app: MakeApp) -> None:
    gate = held(play)
    play.past(1, turn(1, "q"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: app.shell.busy)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.conversation.id == NEW and not app.shell.busy)
        assert isinstance(app.workspace, Desk)
        forks = [p for name, p in app.workspace.timelines.saved.items() if name.startswith("f0rk")]
        await until(pilot, lambda: all(p.closed for p in forks))
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: settled(app, 1))
        gate.opened.set()
        assert "model | state" not in text(app)
        assert "| cost |" not in text(app)


async def test_two_comparisons_are_both_stopped(play: Play, make_app: MakeApp) -> None:
    gates = [Gate(), Gate()]
    asked: list[str] = []
    play.past(1, turn(1, "q"))

    def script(number: int, words: str, context: str) -> Sequence[Step]:
        asked.append(words)
        return turn(number, words, gate=gates[min(len(asked), 2) - 1])

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert isinstance(app.workspace, Desk)
        saved = app.workspace.timelines.saved
        await write(pilot, "/compare anthropic:a", "enter")
        await until(pilot, lambda: app.shell.busy)
        await write(pilot, "/compare anthropic:b", "enter")
        await until(pilot, lambda: len(asked) == 2)
        gates[0].opened.set()
        await until(pilot, lambda: sum(p.busy for p in saved.values()) == 1)
        assert app.shell.busy
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not any(p.busy for p in saved.values()))
        await until(pilot, lambda: not app.shell.busy)
        assert len(app.screen_stack) == 1  # twice Esc offers the turns only where nothing runs


async def test_compare_on_a_timeline_without_turns_asks_the_message(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b why is it so", "enter")
        await until(pilot, lambda: "❯ why is it so" not in text(app) and "397.8" in text(app))


async def test_the_open_timeline_is_known_by_a_prefix_too(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert isinstance(app.workspace, Desk)
        await write(pilot, f"/timelines {play.id[:4]}", "enter")
        await write(pilot, "/timelines last", "enter")
        await until(pilot, lambda: not app.workers)
        assert app.conversation is play
        assert app.workspace.timelines.opened == []


async def test_the_search_ends_with_the_timeline(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        await pilot.press("ctrl+f", *"README")
        await until(pilot, lambda: "of" in str(app.screen.query_one("#find-count", Static).visual))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.conversation.id == NEW)
        await until(pilot, lambda: not app.screen.query("#find-count"))
        await pilot.press("ctrl+f")
        await until(pilot, lambda: app.screen.query("#find-count"))
        assert not str(app.screen.query_one("#find-count", Static).visual)


async def test_stopping_while_files_are_read_gives_the_message_back(
    play: Play, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ralph.tui.prompt import attachments

    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    reading, real = threading.Event(), attachments.gather

    def slow(*given: Any) -> Any:
        reading.wait(20)
        return real(*given)

    monkeypatch.setattr(attachments, "gather", slow)
    app = make_app(root=tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "see @a.txt", "enter")
        await until(pilot, lambda: "reading files" in hint(app))
        await pilot.press("escape")
        await until(pilot, lambda: "see @a.txt" in prompt(app).text)
        reading.set()
        await until(pilot, lambda: not app.workers)
        assert play.submitted == []


async def test_a_message_that_was_stopped_before_its_turn_began_comes_back(play: Play, make_app: MakeApp) -> None:
    choosing = Gate()
    play.script = lambda n, p, c: [(0.0, choosing), *turn(n, p)]
    play._cut_short = lambda number, done: None  # type: ignore[method-assign]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "a long question", "enter")
        await until(pilot, lambda: app.shell.busy)
        await pilot.press("escape")
        await until(pilot, lambda: prompt(app).text.strip() == "a long question")


async def test_once_takes_along_what_was_attached_and_what_it_names(
    play: Play, make_app: MakeApp, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"contents of {name}", encoding="utf-8")
    app = make_app(root=tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/attach b.txt", "enter")
        await until(pilot, lambda: app.controllers.queue.pending.attached)
        await write(pilot, "/once ollama:x explain @a.txt", "enter")
        await until(pilot, lambda: play.submitted)
        assert "contents of a.txt" in play.submitted[0][1]
        assert "contents of b.txt" in play.submitted[0][1]
        assert not app.controllers.queue.pending.attached


async def test_ctrl_y_copies_the_block_that_is_chosen(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, f"answer {n}", tools=False)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "first question")
        await ask(pilot, "second")
        await pilot.press("ctrl+y")
        assert app.clipboard == "answer 2"
        await pilot.press("alt+up", "g", "ctrl+y")
        assert app.clipboard == "first question"


async def test_a_message_that_waited_does_not_take_a_reader_to_the_end(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, LONG, gate=gate if n == 1 else None, tools=False)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "one", "enter")
        await until(pilot, lambda: "Paragraph 10" in text(app))
        await write(pilot, "two", "enter")
        gate.opened.set()
        await until(pilot, lambda: app.view.max_scroll_y > SIZE[1])
        await pilot.press("pageup", "pageup")
        assert not app.view.follow
        await until(pilot, lambda: settled(app, 2))
        assert not app.view.follow


async def test_words_of_ralph_itself_do_not_take_a_reader_to_the_end(
    play: Play, make_app: MakeApp, mistakes: list[Exception]
) -> None:
    play.script = lambda n, p, c: turn(n, p, LONG, tools=False)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "one")
        await pilot.press("alt+up", "pageup")
        before = screen(app)
        app.report(ValueError("boom"))
        await until(pilot, lambda: "boom" in text(app))
        assert screen(app) == before


async def test_a_question_that_nobody_waits_for_goes_when_the_help_over_it_has_gone(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        choosing = asyncio.create_task(app.controllers.dialogs.choose("Go on?", [("a", "a")]))
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("f1")
        await until(pilot, lambda: len(app.screen_stack) == 3)
        choosing.cancel()
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_keys_in_a_burst_go_where_the_one_before_led(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "q")
        burst(app, ("ctrl+f", None), *((queued, queued) for queued in "words"))
        await until(pilot, lambda: app.controllers.search.open and app.query_one("#find-words", Input).value == "words")
        burst(app, ("escape", None), ("h", "h"), ("i", "i"))
        await until(pilot, lambda: prompt(app).text == "hi")
        prompt(app).load_text("")
        await pilot.press("alt+up")
        burst(app, *((queued, queued) for queued in "her"))  # e and r are keys of a block
        await until(pilot, lambda: prompt(app).text == "her")
        prompt(app).load_text("")
        await pilot.press("alt+up")
        burst(app, ("escape", None), ("r", "r"), ("e", "e"))
        await until(pilot, lambda: prompt(app).text == "re")


@pytest.mark.parametrize(("key", "field"), [("ctrl+r", "#pick-filter"), ("ctrl+l", "Input"), ("ctrl+s", "Input")])
async def test_what_is_typed_after_a_key_that_opens_a_screen_is_for_it(make_app: MakeApp, key: str, field: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, (key, None), *((queued, queued) for queued in "haiku"))
        await until(pilot, lambda: len(app.screen_stack) == 2 and app.screen.query(field))
        await until(pilot, lambda: app.screen.query_one(field, Input).value == "haiku")
        assert prompt(app).text == ""
        await pilot.press("escape", *"hi")
        assert prompt(app).text == "hi"


async def test_keys_do_not_wait_for_a_screen_that_does_not_come(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> bool:
        raise RuntimeError("no screen")

    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        monkeypatch.setattr(app.controllers.screens, "show", broken)
        burst(app, ("ctrl+r", None), *((queued, queued) for queued in "words"))
        await until(pilot, lambda: prompt(app).text == "words")
        await until(pilot, lambda: "no screen" in text(app))


async def test_a_message_whose_files_cannot_be_read_comes_back(
    play: Play, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistakes: list[Exception]
) -> None:
    from ralph.tui.prompt import attachments

    def broken(*given: Any) -> Any:
        raise RuntimeError("by design")

    monkeypatch.setattr(attachments, "gather", broken)
    app = make_app(root=tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "see @a.txt", "enter")
        await until(pilot, lambda: prompt(app).text.strip() == "see @a.txt")
        await until(pilot, lambda: "by design" in text(app))
        assert play.submitted == []
