"""`!command` in the prompt: a block with its output as it comes, stopped by Esc, sent along with the next message."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ralph.commands._dispatch import is_own_command
from tests.tui.conftest import MakeApp
from tests.tui.play import Play
from tests.tui.see import ask, hint, lines, settled, text, until, write

SIZE = (110, 40)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lines are for sh")


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")


@pytest.mark.parametrize("line", ["!ls", "!!ls", "! ls -la", "!echo a\necho b"])
def test_what_is_a_command(line: str) -> None:
    assert is_own_command(line)


@pytest.mark.parametrize("line", ["!", "!!", "! ", "!!!", "!!! wow", "!= is it?", "hello!", " !ls", "what is !x"])
def test_what_is_a_message(line: str) -> None:
    assert not is_own_command(line)


async def test_its_output_goes_along_with_the_next_message(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "!echo one; echo two; exit 3", "enter")
        await until(pilot, lambda: "exit code 3" in text(app))
        shown = lines(app)
        at = next(n for n, row in enumerate(shown) if "!echo one" in row)
        assert "✗ exit code 3 · it had no terminal and no input · " in shown[at]
        assert [row.split("│")[1].strip() for row in shown[at + 1 : at + 3]] == ["one", "two"]
        assert play.submitted == []
        await until(pilot, lambda: "attached: !echo one; echo two; exit 3 (2 lines)" in hint(app))
        await ask(pilot, "hello")
        prompt, context = play.submitted[0]
        assert prompt == "hello"
        assert context.startswith("I ran `echo one; echo two; exit 3` (exit code 3):\n```\none\ntwo\n```")
        await until(pilot, lambda: settled(app, 1))
        await ask(pilot, "again")
        assert play.submitted[1] == ("again", "")


async def test_two_marks_keep_it_out_of_the_context(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "!!echo private", "enter")
        await until(pilot, lambda: "✓ ok · not sent to a model" in text(app))
        await ask(pilot, "hello")
        assert play.submitted == [("hello", "")]


async def test_it_streams_and_esc_ends_its_group(play: Play, make_app: MakeApp, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, f"!echo begun; while :; do echo x >> {alive}; sleep 0.01; done", "enter")
        await until(pilot, lambda: "│ begun" in text(app))
        assert "running" in text(app)
        await until(pilot, alive.exists)
        await write(pilot, "waits", "enter")
        assert play.submitted == []
        await pilot.press("escape")
        await until(pilot, lambda: "■ cancelled" in text(app))
        size = alive.stat().st_size
        await pilot.pause(0.1)
        assert alive.stat().st_size == size


async def test_what_reads_gets_end_of_file(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "!read line; echo got $?; : < /dev/tty", "enter")
        await until(pilot, lambda: "│ got 1" in text(app))
        await until(pilot, lambda: "it had no terminal and no input" in text(app))


async def test_what_it_leaves_running_is_not_waited_for(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "!sleep 5 & echo started", "enter")
        await until(pilot, lambda: "✓ ok" in text(app))
        assert "│ started" in text(app)


async def test_it_is_recalled_like_a_message(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "!echo hello", "enter")
        await until(pilot, lambda: "✓ ok" in text(app))
        await pilot.press("up")
        assert app.prompt.text == "!echo hello"
