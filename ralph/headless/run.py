"""`ralph -p`: one turn without a screen, with its signals, its time limit and its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TextIO

from ralph.core.codec import dumps
from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo, Failure, Kind, StoreFailure, exit_code
from ralph.core.report import empty_turn_json, turn_json
from ralph.core.turns import Turn
from ralph.core.workspace import Conversation, Workspace
from ralph.headless import outcome
from ralph.headless.views import EndingView, JsonlView, SilentView, TextView, Writing

Output = Literal["text", "json", "jsonl"]
SIGPIPE_EXIT = 141


_VIEWS: Mapping[Output, Callable[[Writing], EndingView]] = {"text": TextView, "json": SilentView, "jsonl": JsonlView}


@frozen
class Asked(Data):
    """What is to be done. `timeline`: None for a new one, else an id, a prefix or `last`."""

    prompt: str
    context: str = ""
    output: Output = "text"
    timeline: str | None = None
    timeout_s: float | None = None


async def run(workspace: Workspace, asked: Asked, out: TextIO, err: TextIO) -> int:
    """Run the turn and return the exit code. Raises `Failure` where no turn could begin."""
    conversation = await workspace.open(asked.timeline)
    return await carry_out(conversation, lambda: conversation.submit(asked.prompt, asked.context), asked, out, err)


async def carry_out(
    conversation: Conversation, begin: Callable[[], asyncio.Task[None]], asked: Asked, out: TextIO, err: TextIO
) -> int:
    """Let this turn run in this conversation, show it as it was asked for, and return the exit code."""
    loop = asyncio.get_running_loop()
    stopped: list[int] = []

    def stop(code: int) -> None:
        stopped.append(code)
        stopping.append(loop.create_task(conversation.stop()))

    stopping: list[asyncio.Task[None]] = []
    writing = Writing(out, lambda: stop(SIGPIPE_EXIT))
    view = _VIEWS[asked.output](writing)
    conversation.attach(view)
    with _signals(loop, stop), _deadline(loop, asked.timeout_s, stop):
        task = begin()
        await asyncio.wait([task])
        if stopping:
            await asyncio.wait(stopping)
    unstored = await _closed(conversation)
    view.end()
    turns = conversation.timeline().turns
    if unstored and not turns:
        raise unstored
    turn = turns[-1]
    code = stopped[0] if stopped else outcome.code_of(turn)
    code = code or (exit_code(unstored.kind) if unstored else 0)
    _report(turn, asked, code, writing, err, unstored)
    return code


async def _closed(conversation: Conversation) -> Failure | None:
    """What could not be stored. It is told beside the answer: that was seen, and is not lost for whoever reads it."""
    try:
        await conversation.close()
    except StoreFailure as failure:
        return failure
    return None


def _report(
    turn: Turn, asked: Asked, code: int, writing: Writing, err: TextIO, unstored: Failure | None = None
) -> None:
    why = _stop_reason(code, asked) if turn.status == "cancelled" else unstored.info if unstored else None
    if asked.output == "json":
        made = turn_json(turn)
        if why:
            step = (made["error"] or {}).get("step")
            made["error"] = {"kind": why.kind.value, "message": why.message, "step": step}
        if unstored and made["status"] == "ok":
            made["status"] = "failed"
        writing.write(dumps(made) + "\n")
    if writing.broken:
        return
    for note in (n for block in turn.blocks for n in block.notes if n.data.get("loud")):
        print(f"ralph: {note.text}", file=err)
    if code:
        print(f"ralph: {why.message if why else outcome.sentence(turn)}", file=err)
    if not code or turn.usage.source != "none":
        print(outcome.cost_line(turn.usage, turn.cost, turn.duration_ms), file=err)


def _stop_reason(code: int, asked: Asked) -> ErrorInfo:
    if code == outcome.TIMEOUT_EXIT:
        seconds = f"{asked.timeout_s:g}"
        return ErrorInfo(Kind.DEADLINE, f"stopped after {seconds} s (--timeout); what had come until then was kept")
    return ErrorInfo(Kind.CANCELLED, "stopped by a signal; what had come until then was kept")


def refuse(failure: Failure, output: Output, out: TextIO, err: TextIO) -> int:
    """Report a run that could not begin, in the form that was asked for."""
    if output == "json":
        made = empty_turn_json("", "failed", failure.kind.value, failure.message)
        print(dumps({**made, "timeline": None, "turn": None}), file=out, flush=True)
    print(f"ralph: {failure.message}", file=err)
    return exit_code(failure.kind)


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[int], None]) -> Iterator[None]:
    """SIGINT and SIGTERM stop the turn; all that is open is finished before the process goes."""
    codes = {signal.SIGINT: outcome.SIGINT_EXIT, signal.SIGTERM: outcome.SIGTERM_EXIT}
    if sys.platform == "win32":  # pragma: no cover - asyncio has no signal handlers there
        yield
        return
    for number, code in codes.items():
        loop.add_signal_handler(number, stop, code)
    try:
        yield
    finally:
        for number in codes:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _deadline(loop: asyncio.AbstractEventLoop, seconds: float | None, stop: Callable[[int], None]) -> Iterator[None]:
    timer = loop.call_later(seconds, stop, outcome.TIMEOUT_EXIT) if seconds else None
    try:
        yield
    finally:
        if timer:
            timer.cancel()


def silence(stream: TextIO) -> None:
    """After a broken pipe: what Python still flushes at its end goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
