"""Work of a person between turns: a block of its own, stored whole, with exactly one finish on every path."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.errors import Failure
from ralph.core.ports.side_work import SideWorkEnd
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.person_commands import command_of
from ralph.headless.doctor import invariants
from ralph.session.session import Session
from ralph.workflows.person_command import CommandEnd, run_line

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lines are for sh")
KEY = "sk-ant-0123456789abcdef0123"


def opened(path: Path) -> object:
    (path / "config.yaml").write_text(f"providers: {{anthropic: {{api_key: {KEY}}}}}")
    environ = {"RALPH_DATA_DIR": str(path), "RALPH_CONFIG": str(path / "config.yaml"), "SHELL": "/bin/sh"}
    return workspace(Flags(), environ=environ, root=path)


async def perform(session: Session, line: str, root: Path, *, shared: bool = True) -> CommandEnd:
    ends: list[CommandEnd] = []

    async def work(show: Callable[[str], None]) -> SideWorkEnd:
        ends.append(await run_line(line, root, show, shared=shared))
        return ends[0].work

    await session.perform(f"!{line}", work)
    return ends[0]


async def check(space: LocalWorkspace, timeline: str) -> None:
    await space.timelines.flush()
    assert all(found.ok for found in invariants(await space.timelines.events(timeline)))


async def test_it_is_stored_and_read_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as space:  # type: ignore[attr-defined]
        session = await space.timelines.open()
        await perform(session, "echo one; echo two >&2; exit 3", tmp_path)
        await perform(session, "kill -9 $$", tmp_path, shared=False)
        await check(space, session.id)
        name = session.id
    async with opened(tmp_path) as space:  # type: ignore[attr-defined]
        session = await space.timelines.open(name)
        first, second = session.timeline().work
        made = command_of(first)
        assert (first.id, first.status, first.text) == ("0.1", "failed", "one\ntwo\n")
        assert made is not None
        assert (made.line, made.exit, made.shared, made.bytes) == ("echo one; echo two >&2; exit 3", 3, True, 8)
        made = command_of(second)
        assert made is not None
        assert (made.exit, made.shared) == (-9, False)
        assert session.timeline().title == "!echo one; echo two >&2; exit 3"
        assert session.timeline().turns == ()


async def test_a_stop_keeps_what_came(tmp_path: Path) -> None:
    async with opened(tmp_path) as space:  # type: ignore[attr-defined]
        session = await space.timelines.open()
        running = asyncio.create_task(perform(session, "echo begun; sleep 60", tmp_path))
        async with asyncio.timeout(20):
            while not any(block.text for block in session.timeline().work):  # noqa: ASYNC110 - a view has no event
                await asyncio.sleep(0.01)
        assert session.busy
        with pytest.raises(Failure, match="a turn is running"):
            session.submit(UserInput("hello"))
        await session.stop()
        end = await running
        (block,) = session.timeline().work
        assert (block.status, block.partial, block.text) == ("cancelled", True, "begun\n")
        assert end.attach().text.startswith("I ran `echo begun; sleep 60` (stopped by me):")
        await check(space, session.id)


async def test_work_that_fails_is_finished(tmp_path: Path) -> None:
    async with opened(tmp_path) as space:  # type: ignore[attr-defined]
        session = await space.timelines.open()

        async def work(show: Callable[[str], None]) -> SideWorkEnd:
            show("so far")
            raise RuntimeError("a bug")

        with pytest.raises(RuntimeError):
            await session.perform("!x", work)
        (block,) = session.timeline().work
        assert (block.status, block.text) == ("failed", "so far")
        await check(space, session.id)


async def test_a_key_in_the_output_is_hidden(tmp_path: Path) -> None:
    async with opened(tmp_path) as space:  # type: ignore[attr-defined]
        session = await space.timelines.open()
        await perform(session, f"printf 'key {KEY[:10]}'; sleep 0.1; printf '{KEY[10:]}\\n'", tmp_path)
        assert session.timeline().work[0].text == "key ***\n"
        await space.timelines.flush()
        assert not any(
            KEY[10:] in str(e.event) and "0.1" not in str(e) for e in await space.timelines.events(session.id)
        )


async def test_a_long_output_is_cut_in_the_middle(tmp_path: Path) -> None:
    shown: list[str] = []
    end = await run_line("seq 200000", tmp_path, shown.append, shared=True)
    assert end.text.startswith("1\n2\n")
    assert end.text.endswith("\n200000\n")
    assert "bytes were left out here]" in end.text
    assert end.command.bytes == 1_288_895
    assert len(end.text) < 340_000
    assert len(end.attach().text) < 34_000
    assert sum(map(len, shown)) < 340_000


@pytest.mark.parametrize(("line", "runs"), [("vim x", False), ("/usr/bin/vi 'a b'", False), ("echo vim", True)])
async def test_what_would_wait_for_a_terminal_is_not_started(tmp_path: Path, line: str, runs: bool) -> None:
    end = await run_line(line, tmp_path, lambda _: None, shared=True)
    assert (end.status == "ok") == runs
    assert ("needs a terminal, and a program that ralph runs has none" in end.text) != runs


async def test_a_shell_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/no/such/shell")
    end = await run_line("ls", tmp_path, lambda _: None, shared=True)
    assert (end.status, end.command.exit) == ("failed", None)
    assert end.text == "the shell could not be started: No such file or directory\n"
