"""Runs what a person typed behind `!`: in their own shell, with their own rights, with its output as it comes.

It asks for no consent and has no sandbox, because the person typed it. It has no terminal: what reads gets end of file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.core.log.events import Status
from ralph.core.ports.side_work import SideWorkEnd
from ralph.core.timeline.person_commands import PersonCommand, as_data
from ralph.tools._terminal_programs import explain_missing_terminal
from ralph.tools._text import fence_code
from ralph.tools.sandbox.transcript import Transcript
from ralph.workflows.attached import AttachedText

_READ_BYTES = 1 << 16
# Bytes of output in the block. What goes along with a message is shorter, because a model pays for it.
_HEAD_BYTES, _TAIL_BYTES = 64 << 10, 192 << 10
_SHARED_CHARACTERS = 32_000
# Seconds for output that comes after the shell has ended, from what it left running.
_LAST_OUTPUT_S = 0.3


@frozen
class CommandEnd(Data):
    """How a command ended."""

    command: PersonCommand
    status: Status
    text: str

    @property
    def work(self) -> SideWorkEnd:
        return SideWorkEnd(self.status, self.text, as_data(self.command))

    def attach(self) -> AttachedText:
        """Return what goes along with the next message."""
        text = self.text.rstrip("\n")
        lines = text.count("\n") + 1 if text else 0
        if len(text) > _SHARED_CHARACTERS:
            left_out = len(text) - _SHARED_CHARACTERS
            half = _SHARED_CHARACTERS // 2
            text = f"{text[:half]}\n[{left_out} characters were left out here]\n{text[-half:]}"
        line = self.command.line.strip()
        body = fence_code(text) if text else "(no output)"
        return AttachedText(f"!{line}", plural(lines, "line"), f"I ran `{line}` ({describe_end(self)}):\n{body}")


def describe_end(end: CommandEnd) -> str:
    """Return how the command ended, in words."""
    code = end.command.exit
    if code is None:
        return "stopped by me" if end.status == "cancelled" else "it could not be started"
    return f"exit code {code}" if code >= 0 else f"ended by {_name_signal(-code)}"


async def run_line(line: str, root: Path, show: Callable[[str], None], *, shared: bool) -> CommandEnd:
    """Run the line in the person's shell. A cancel ends it with its process group, and returns what came until then."""
    transcript = Transcript(show, _HEAD_BYTES, _TAIL_BYTES)
    if why := explain_missing_terminal(_split(line)):
        show(f"{why}\n")
        return CommandEnd(PersonCommand(line, shared), "failed", f"{why}\n")
    try:
        process = await _start(line, root)
    except OSError as error:
        text = f"the shell could not be started: {error.strerror or error}\n"
        show(text)
        return CommandEnd(PersonCommand(line, shared), "failed", text)
    stopped = False
    try:
        await _read_to_the_end(process, transcript)
    except asyncio.CancelledError:
        stopped = True
        _kill(process)
        await process.wait()
    finally:
        # What the shell left running may hold the pipe open, and asyncio has no public way to close our end.
        process._transport.close()  # type: ignore[attr-defined]
    code = None if stopped else process.returncode
    made = PersonCommand(line, shared, code, transcript.bytes)
    status: Status = "cancelled" if stopped else "failed" if code else "ok"
    return CommandEnd(made, status, transcript.end())


def _split(line: str) -> list[str]:
    """Return the words of a line of one command; none if it has no such form."""
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed, which the shell says better
        return []


async def _start(line: str, root: Path) -> asyncio.subprocess.Process:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    environment = {**os.environ, "TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat"}
    if sys.platform == "win32":
        return await asyncio.create_subprocess_shell(
            line, stdin=nothing, stdout=pipe, stderr=asyncio.subprocess.STDOUT, cwd=root, env=environment
        )
    shell = os.environ.get("SHELL") or "/bin/sh"
    return await asyncio.create_subprocess_exec(
        shell, "-c", line, stdin=nothing, stdout=pipe, stderr=asyncio.subprocess.STDOUT, cwd=root, env=environment,
        start_new_session=True,
    )  # fmt: skip


async def _read_to_the_end(process: asyncio.subprocess.Process, transcript: Transcript) -> None:
    """Read until the shell has ended. What it left running keeps running, and is not waited for."""
    reading = background.start(_read(process, transcript), "the output of a command")
    ending = background.start(process.wait(), "the end of a command")
    try:
        await asyncio.wait([reading, ending], return_when=asyncio.FIRST_COMPLETED)
        await ending
        await asyncio.wait([reading], timeout=_LAST_OUTPUT_S)
    finally:
        await cancel_and_wait([reading, ending])


async def _read(process: asyncio.subprocess.Process, transcript: Transcript) -> None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    while data := await process.stdout.read(_READ_BYTES):
        transcript.feed(data)


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill the shell and what it started in its group."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
