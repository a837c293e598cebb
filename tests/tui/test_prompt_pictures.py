"""How the prompt looks with what stands above it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, HandClock, Play, turn
from tests.tui.see import prompt, text, until, write

SIZE = (100, 24)


def test_the_list_of_commands(play: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """One is marked; what each does stands beside it."""
    app = make_app()
    app.commands = [c for c in app.commands if c.name in {"model", "new", "budget", "timelines", "help"}]

    async def type_a_slash(pilot: Pilot[int]) -> None:
        await pilot.press("/", "down", "down")

    assert snap_compare(app, terminal_size=SIZE, run_before=type_a_slash)


def test_messages_wait_and_a_paste_is_folded(
    play: Play, clock: HandClock, make_app: MakeApp, snap_compare: Any, tmp_path: Path
) -> None:
    """Two messages wait, a file is attached for the next, in which a paste stands as a token."""
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    (tmp_path / "notes.md").write_text("one\ntwo\n")
    app = make_app(root=tmp_path)

    async def write_ahead(pilot: Pilot[int]) -> None:
        await write(pilot, "What is 17 % of 2,340?", "enter")
        await until(pilot, lambda: "17 % of 2,340 is 397" in text(app).rpartition("format")[2])
        for words in ("And in French?", "Sum it up\nin one line 😀"):
            await write(pilot, words, "enter")
        app.controllers.queue.pending.attach(await app.controllers.attachments.read("notes.md"))
        clock.at = 2.8
        await until(pilot, lambda: "0.47s" in text(app))
        app.feed._pulse.pause()
        app.feed._frame = 0
        app.feed._show()
        await write(pilot, "compare ")
        prompt(app).post_message(events.Paste("line\n" * 5000))
        await until(pilot, lambda: "[paste" in prompt(app).text)

    assert snap_compare(app, terminal_size=SIZE, run_before=write_ahead)
