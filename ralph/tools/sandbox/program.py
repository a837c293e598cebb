"""Runs one program on the rung that holds here: its output streams, and nothing of it is left when the call ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.llm.tool import ToolCall, ToolFailure
from ralph.core.llm.tool_output import Rung
from ralph.tools.sandbox.environment import make_environment
from ralph.tools.sandbox.jail.order import EndReport
from ralph.tools.sandbox.ladder import INSTALL, explain_none, find_rung
from ralph.tools.sandbox.launch import Launch, make_order, prepare_launch
from ralph.tools.sandbox.limits import Limits
from ralph.tools.sandbox.program_paths import find_paths
from ralph.tools.sandbox.transcript import Transcript

_READ_BYTES = 1 << 16
# Seconds until a program that was told to end is killed with its group, and until its last output is given up.
_END_S = 8.0
_LAST_OUTPUT_S = 1.0


@frozen
class ProgramPlan(Data):
    """A program to run."""

    argv: tuple[str, ...]
    cwd: Path
    """A real path."""
    timeout_s: float
    stdin: str | None = None
    limits: Limits = Limits()


@frozen
class ProgramEnd(Data):
    """What a program did."""

    rung: Rung
    text: str
    left_out: int
    """Bytes of the output that are not in the text."""
    report: EndReport
    timed_out: bool = False


async def run_program(program: ProgramPlan, call: ToolCall) -> ProgramEnd:
    """Run the program to its end, its timeout or a cancel. Raises `ToolFailure` if it cannot be started."""
    around = call.around
    rung = await asyncio.to_thread(find_rung, around.sandbox, around.root)
    if rung == "none" and around.sandbox == "require":
        why = explain_none(around.sandbox, around.root)
        raise ToolFailure(f"tools.sandbox is 'require', and no sandbox works here ({why}); {INSTALL}")
    async with _temporary() as temporary:
        with _input(program.stdin) as given:
            running = _Running(program, call, rung, temporary)
            return await running.run(given)


class _Running:
    """A program between its start and its end."""

    def __init__(self, program: ProgramPlan, call: ToolCall, rung: Rung, temporary: Path) -> None:
        self._program = program
        self._call = call
        self._rung: Rung = rung
        self._temporary = temporary
        self._transcript = Transcript(call.emit_output)

    async def run(self, given: IO[bytes] | int) -> ProgramEnd:
        launch = await asyncio.to_thread(self._prepare) if sys.platform.startswith("linux") else None
        process = await self._start(launch, given)
        timed_out = False
        try:
            async with asyncio.timeout(self._program.timeout_s):
                await self._read(process)
                await process.wait()
        except TimeoutError:
            timed_out = True
        finally:
            await _end(process)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_OUTPUT_S):
                await self._read(process)
        text = self._transcript.end()
        report = launch.report() if launch else _read_code(process.returncode)
        return ProgramEnd(self._rung, text, self._transcript.left_out, report, timed_out)

    def _prepare(self) -> Launch:
        program, call = self._program, self._call
        paths = find_paths(call.root.resolve(), self._temporary, call.around.protected)
        order = make_order(self._rung, program.argv, program.cwd, paths, program.limits, network=call.network)
        return prepare_launch(order)

    async def _start(self, launch: Launch | None, given: IO[bytes] | int) -> asyncio.subprocess.Process:
        environment = make_environment(self._temporary, hide_home=self._rung != "none")
        try:
            return await asyncio.create_subprocess_exec(
                *(launch.argv if launch else self._program.argv),
                stdin=given,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=launch.descriptors if launch else (),
                cwd=self._program.cwd,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise ToolFailure(f"{self._program.argv[0]} cannot be started: {error.strerror or error}") from None
        finally:
            if launch:
                launch.forget_passed_files()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while data := await process.stdout.read(_READ_BYTES):
            self._transcript.feed(data)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the program with all its processes, and wait until they are gone."""
    if process.returncode is not None:
        return
    if sys.platform.startswith("linux"):
        process.terminate()  # the process between ends everything below it, and then itself
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await process.wait()
    if process.returncode is None:
        if sys.platform == "win32":
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _read_code(code: int | None) -> EndReport:
    if code is None:
        return EndReport(stopped="it was stopped")
    return EndReport(signal=-code) if code < 0 else EndReport(exit=code)


@contextlib.asynccontextmanager
async def _temporary() -> AsyncIterator[Path]:
    """Yield a private folder for temporary files; afterwards it is gone, also after a cancel."""
    made = await asyncio.to_thread(_make_folder)
    try:
        yield made
    finally:
        await background.in_thread(lambda: _remove(made), "removing the temporary files of a program")


def _make_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ralph-")).resolve()


def _remove(folder: Path) -> None:
    def open_and_remove(function: object, path: str, _: object) -> None:  # a program may close its own folders
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)
            os.chmod(path, 0o700)
            shutil.rmtree(path) if os.path.isdir(path) and function is not os.unlink else os.unlink(path)

    shutil.rmtree(folder, onerror=open_and_remove)


@contextlib.contextmanager
def _input(text: str | None) -> Iterator[IO[bytes] | int]:
    if text is None:
        yield asyncio.subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as made:
        made.write(text.encode("utf-8", "replace"))
        made.seek(0)
        yield made
