"""`ralph -p`: one turn without a screen, with its signals, its time limit and its exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TextIO

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.log.codec import dump_visible
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.user_input import UserInput
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.json_output import empty_turn_json
from ralph.headless.shown_turn import Output, ShownTurn
from ralph.headless.signals import Signals
from ralph.workflows.latest import open_timeline


@frozen
class Question(Data):
    """A question. `timeline`: None for a new one, else an id, a prefix or `last`."""

    prompt: str
    context: str = ""
    output: Output = "text"
    timeline: str | None = None
    timeout_s: float | None = None


async def run(workspace: Workspace, asked: Question, out: TextIO, err: TextIO, signals: Signals | None = None) -> int:
    """Run the turn and return the exit code. Raises `Failure` if no turn could begin.

    Without the process's `signals`, `asked.timeout_s` counts from here on.
    """
    for told in await workspace.tools.check_rules():
        print(f"ralph: warning: {told}", file=err)
    conversation, passed = await open_timeline(workspace.timelines, asked.timeline)
    if passed:
        print(f"ralph: {passed}", file=err)
    begin = partial(conversation.submit, UserInput(asked.prompt, asked.context))
    return await carry_out(conversation, begin, asked, out, err, signals)


async def carry_out(
    conversation: Conversation,
    begin: Callable[[], asyncio.Task[None]],
    asked: Question,
    out: TextIO,
    err: TextIO,
    signals: Signals | None = None,
) -> int:
    """Run this turn in this conversation, show it in the requested form, and return the exit code."""
    showing = ShownTurn(asked.output, out, err, signals, asked.timeout_s)
    showing.attach(conversation)
    ended = await showing.wait(conversation, begin)
    if asked.output == "json":
        showing.writing.write(dump_visible(ended.json()) + "\n")
    return showing.tell(ended)


def refuse(failure: Failure, output: Output, out: TextIO, err: TextIO) -> int:
    """Report a run that could not begin, in the requested form."""
    if output == "json":
        made = empty_turn_json("", "failed", failure.kind.value, failure.message)
        print(dump_visible({**made, "timeline": None, "turn": None}), file=out, flush=True)
    print(f"ralph: {failure.message}", file=err)
    return failure.exit_code
