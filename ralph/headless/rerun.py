"""`ralph rerun`: runs a turn of a saved timeline again, in a fork that ends before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TextIO

from ralph.core.data import Data, frozen
from ralph.core.errors import NotFound
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.steps import Step
from ralph.core.timeline.timeline import fold
from ralph.core.timeline.turns import Turn
from ralph.headless.run import Question, carry_out
from ralph.headless.shown_turn import Output
from ralph.headless.signals import Signals
from ralph.workflows.rerun import prepare_rerun


@frozen
class AskedAgain(Data):
    """A re-run. `turn`: None for the last one. `system`: None for the system prompt that the turn had."""

    timeline: str
    turn: int | None = None
    from_: Step = "route"
    output: Output = "text"
    timeout_s: float | None = None
    system: str | None = None


async def rerun(
    store: TimelineStore,
    workspace: Workspace,
    asked: AskedAgain,
    out: TextIO,
    err: TextIO,
    signals: Signals | None = None,
) -> int:
    """Run it and return the exit code. Raises `Failure`, before anything is written, if it cannot be run again."""
    timeline = await store.catalog.resolve(asked.timeline)
    turn = await _turn(store, timeline, asked.turn)

    async def open_(fork: str) -> Conversation:
        """Open the fork with the settings and the system prompt of the turn."""
        conversation = await workspace.timelines.open(fork)
        conversation.override(replace(conversation.overrides, settings=turn.started.settings), quiet=True)
        system = turn.started.system if asked.system is None else asked.system
        if conversation.system != system:
            conversation.update_timeline(system=system)
        return conversation

    again = await prepare_rerun(workspace, timeline, turn, open_, from_=asked.from_)
    fork, from_ = again.conversation.id, again.from_
    print(f"ralph: re-running turn {turn.number} of {timeline} as {fork}, from {from_}{again.kept}", file=err)
    shape = Question(turn.started.prompt, output=asked.output, timeout_s=asked.timeout_s)
    return await carry_out(again.conversation, again.begin, shape, out, err, signals)


async def _turn(store: TimelineStore, timeline: str, number: int | None) -> Turn:
    found = fold(timeline, await store.log.events(timeline, deltas=False))
    if not found.turns:
        raise NotFound(f"timeline {timeline} has no turn yet")
    turn = found.turn(found.last_turn if number is None else number)
    if turn is None:
        raise NotFound(f"timeline {timeline} has turns 1 to {found.last_turn}, not {number}")
    return turn
