"""`ralph -p`: one turn without a screen, with its signals, its time limit and its exit code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, TextIO

from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo, Failure, Kind, StoreFailure, exit_code
from ralph.core.log.codec import shown
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line
from ralph.core.timeline.json_output import empty_turn_json, turn_json
from ralph.core.timeline.turns import Turn
from ralph.headless import outcome
from ralph.headless.signals import SIGNAL_EXITS, TIMEOUT_EXIT, Signals
from ralph.headless.views import EndingView, JsonlView, SilentView, TextView, Writing
from ralph.headless.waiting import WaitingView

Output = Literal["text", "json", "jsonl"]
# The reader of standard output has gone.
SIGPIPE_EXIT = 141


_VIEWS: Mapping[Output, Callable[[Writing], EndingView]] = {"text": TextView, "json": SilentView, "jsonl": JsonlView}


@frozen
class Question(Data):
    """What is to be done. `timeline`: None for a new one, else an id, a prefix or `last`."""

    prompt: str
    context: str = ""
    output: Output = "text"
    timeline: str | None = None
    timeout_s: float | None = None


async def run(workspace: Workspace, asked: Question, out: TextIO, err: TextIO, signals: Signals | None = None) -> int:
    """Run the turn and return the exit code. Raises `Failure` where no turn could begin.

    Without `signals` of the process, `asked.timeout_s` counts from here on.
    """
    conversation = await workspace.open(asked.timeline)
    begin = partial(conversation.submit, asked.prompt, asked.context)
    return await carry_out(conversation, begin, asked, out, err, signals)


async def carry_out(
    conversation: Conversation,
    begin: Callable[[], asyncio.Task[None]],
    asked: Question,
    out: TextIO,
    err: TextIO,
    signals: Signals | None = None,
) -> int:
    """Let this turn run in this conversation, show it as it was asked for, and return the exit code."""
    loop = asyncio.get_running_loop()
    stopped: list[int] = []

    def stop(code: int) -> None:
        stopped.append(code)
        stopping.append(background.start(conversation.stop(), "stopping the turn"))

    stopping: list[asyncio.Task[None]] = []
    writing = Writing(out, lambda: stop(SIGPIPE_EXIT))
    view = _VIEWS[asked.output](writing)
    conversation.attach(view)
    conversation.attach(WaitingView(err))
    with contextlib.ExitStack() as stack:
        if signals is None:
            signals = Signals()
            signals.until(asked.timeout_s)
            stack.enter_context(signals.watching(loop, lambda: None))
        stack.enter_context(signals.claimed(stop))
        task = begin()
        await asyncio.wait([task])
        if stopping:
            await asyncio.wait(stopping)
        unstored = await _closed(conversation, task)
    view.end()
    if isinstance(view, TextView) and view.void:
        print(f"ralph: the first {view.void:,} characters above are no part of the answer; it began again", file=err)
    turns = conversation.timeline().turns
    if unstored and not turns:
        raise unstored
    turn = turns[-1]
    code = stopped[0] if stopped else outcome.code_of(turn)
    return _report(turn, asked, code or (exit_code(unstored.kind) if unstored else 0), writing, err, unstored)


async def _closed(conversation: Conversation, task: asyncio.Task[None]) -> StoreFailure | None:
    """Why the turn, which is over, is not stored as a whole. Raises `Failure` where the turn could not begin."""
    unstored: StoreFailure | None = None
    try:
        await conversation.close()
    except StoreFailure as failure:
        unstored = failure
    error = None if task.cancelled() else task.exception()
    if isinstance(error, Exception):
        if isinstance(error, Failure):
            raise error
        raise Failure(Kind.INTERNAL, f"a mistake in ralph: {error!r}; please report it, with the log") from error
    return unstored


def _report(
    turn: Turn, asked: Question, code: int, writing: Writing, err: TextIO, unstored: StoreFailure | None
) -> int:
    """Say how it went; the exit code, which is another one where the answer could not be written.

    `unstored`: why what was shown is not in the database.
    """
    why = _stop_reason(turn, code, asked)
    if asked.output == "json":
        made = turn_json(turn)
        if why and turn.status == "cancelled":
            made["error"] = {"kind": why.kind.value, "message": why.message, "step": made["error"]["step"]}
        elif unstored and made["error"] is None:
            made["status"], made["error"] = (
                "failed",
                {"kind": unstored.kind.value, "message": unstored.message, "step": None},
            )
        writing.write(shown(made) + "\n")
    if writing.gone:
        return SIGPIPE_EXIT
    for note in (n for block in turn.blocks for n in block.notes if n.data.get("loud")):
        print(f"ralph: {line(note.text)}", file=err)
    if writing.refused:
        code = code or exit_code(Kind.IO)
        print(f"ralph: the answer could not be written: {writing.refused}", file=err)
    elif why or turn.status != "ok":
        print(f"ralph: {why.message if why else outcome.sentence(turn)}", file=err)
    if unstored and unstored.message not in outcome.sentence(turn):
        print(f"ralph: {unstored.message}", file=err)
    if not code or turn.usage.source != "none":
        print(outcome.cost_line(turn.usage, turn.cost, turn.duration_ms), file=err)
    return code


def _stop_reason(turn: Turn, code: int, asked: Question) -> ErrorInfo | None:
    """What stopped it from outside, if something did."""
    if turn.status != "cancelled" and code not in (*SIGNAL_EXITS, TIMEOUT_EXIT):
        return None
    kept = "the turn had ended" if turn.status != "cancelled" else "what had come until then was kept"
    if code == TIMEOUT_EXIT:
        return ErrorInfo(Kind.DEADLINE, f"stopped after {asked.timeout_s:g} s (--timeout); {kept}")
    return ErrorInfo(Kind.CANCELLED, f"stopped by a signal; {kept}")


def refuse(failure: Failure, output: Output, out: TextIO, err: TextIO) -> int:
    """Report a run that could not begin, in the form that was asked for."""
    if output == "json":
        made = empty_turn_json("", "failed", failure.kind.value, failure.message)
        print(shown({**made, "timeline": None, "turn": None}), file=out, flush=True)
    print(f"ralph: {failure.message}", file=err)
    return failure.exit_code
