"""What goes wrong behind the screen is told once, and the program goes on; asyncio never has to complain."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

from ralph.commands._base import Simple
from ralph.core.errors import StoreFailure
from ralph.core.ports.face import Face
from ralph.store.prompts import Prompts
from ralph.tui.controllers import startup
from ralph.tui.controllers.attachments import FileAttachments
from ralph.tui.controllers.prompt_history import SentPrompts
from ralph.tui.controllers.spending import SpendingReader
from tests.tui.conftest import MakeApp
from tests.tui.desk import FakeMachine
from tests.tui.play import Play
from tests.tui.see import ask, prompt, text, until, write

SIZE = (100, 30)
Patch = pytest.MonkeyPatch


def wrong(*_: object, **__: object) -> Any:
    raise LookupError("by design")


async def wrong_later(*_: object, **__: object) -> Any:
    wrong()


@pytest.fixture
def complaints(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Any:
    """Nothing that nobody looked at is left, neither in the log nor on stderr."""
    yield None
    gc.collect()
    assert "never retrieved" not in caplog.text
    assert "never retrieved" not in capfd.readouterr().err


async def test_a_timeline_that_is_not_kept_is_told_once(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "kept")
        assert "is kept" not in text(app)
        play.unstored = StoreFailure("the disk is full; of 30 characters shown 8 were kept")
        for question in ("not kept", "nor this"):
            await ask(pilot, question)
            await until(pilot, lambda: "Nothing more is saved in this timeline" in text(app))
        assert text(app).count("Nothing more is saved in this timeline") == 1
        assert text(app).count("the disk is full") == 1
        await write(pilot, "/new", "enter")  # the next one is kept again, and its failure is one of its own
        await until(pilot, lambda: app.conversation is not play)
        assert isinstance(app.conversation, Play)
        app.conversation.unstored = StoreFailure("the disk is full")
        await ask(pilot, "elsewhere")
        await until(pilot, lambda: "Nothing more is saved in this timeline" in text(app))


@pytest.mark.usefixtures("complaints")
async def test_a_turn_that_dies_of_a_mistake_is_told_and_the_next_one_runs(play: Play, make_app: MakeApp) -> None:
    left = [1]
    real = play._run

    async def run(*values: Any) -> None:
        if left:
            left.pop()
            wrong()
        await real(*values)

    play._run = run  # type: ignore[method-assign]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "what is lost?", "enter")
        await until(pilot, lambda: "LookupError: by design" in text(app))
        assert prompt(app).text == "what is lost?"  # nothing that was written is
        prompt(app).clear()
        await ask(pilot, "does it go on?")
        assert text(app).count("LookupError: by design") == 1


WORK = {
    "loading ahead": (FakeMachine, "warm"),
    "looking around": (FakeMachine, "look_around"),
    "counting money": (SpendingReader, "read"),
    "reading earlier turns": (startup.StartupTasks, "read_earlier"),
    "reading what was sent": (SentPrompts, "load"),
}


@pytest.mark.usefixtures("mistakes", "complaints")
@pytest.mark.parametrize("name", WORK)
async def test_what_begins_after_the_first_paint_may_fail(
    name: str, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    with Patch.context() as patch:
        patch.setattr(*WORK[name], wrong if name == "loading ahead" else wrong_later)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: "LookupError" in caplog.text)
            patch.undo()
            await until(pilot, lambda: "LookupError: by design" in text(app))
            await ask(pilot, "does it go on?")
            assert text(app).count("LookupError: by design") == 1


@pytest.mark.usefixtures("complaints")
async def test_a_thread_that_cannot_load_what_draws_is_told(make_app: MakeApp, monkeypatch: Patch) -> None:
    monkeypatch.setattr(startup, "_import_drawing", wrong)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "LookupError: by design" in text(app))
        await ask(pilot, "does it go on?")


@pytest.mark.usefixtures("complaints")
async def test_the_file_of_prompts(
    tmp_path: Path, make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that cannot be written costs a line in the log; a mistake of ralph's own is told."""
    app = make_app(prompts=Prompts(tmp_path))  # a folder where the file should be
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "kept nowhere")
        await until(pilot, lambda: "is not kept for other sessions" in caplog.text)
        assert "hit a bug" not in text(app)
        monkeypatch.setattr(Prompts, "append", wrong)
        await ask(pilot, "and this")
        await until(pilot, lambda: "LookupError: by design" in text(app))


@pytest.mark.usefixtures("complaints")
async def test_a_completion_that_fails_costs_its_list_only(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    async def run(argument: str, face: Face) -> None:
        face.say("it ran")

    app = make_app()
    app.commands = [*app.commands, Simple("odd", "is odd", run, complete=wrong_later)]
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/odd x")
        await until(pilot, lambda: "no completion for /odd" in caplog.text)
        await write(pilot, "yz", "enter")
        await until(pilot, lambda: "it ran" in text(app))


@pytest.mark.usefixtures("complaints")
async def test_a_walk_for_paths_that_fails_costs_its_list_only(
    make_app: MakeApp, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(FileAttachments, "find_paths", wrong)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "see @REA")
        await until(pilot, lambda: "LookupError" in caplog.text)
        prompt(app).clear()
        await ask(pilot, "does it go on?")


@pytest.mark.usefixtures("complaints")
async def test_a_worker_and_a_task_that_nobody_holds(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.work(wrong_later)
        await until(pilot, lambda: "LookupError: by design" in text(app))
        before = app._mistakes["LookupError: by design"]
        asyncio.get_running_loop().create_task(wrong_later())
        await pilot.pause()
        gc.collect()
        await until(pilot, lambda: app._mistakes["LookupError: by design"] > before)
        await ask(pilot, "does it go on?")
        assert text(app).count("LookupError: by design") == 1  # the same one is told once
