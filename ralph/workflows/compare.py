"""One question answered by several models in parallel, each in its own fork."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.user_input import UserInput
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.rows import FORK_MARK
from ralph.core.timeline.steps import Step
from ralph.core.timeline.turns import Turn
from ralph.session import rerun
from ralph.session.titles import make_title
from ralph.workflows.choices import copy_choices


@frozen
class CompareRequest(Data):
    """The question to compare: `turn` is asked again, or without a turn `input` is asked."""

    refs: tuple[str, ...]
    input: UserInput = UserInput("")
    turn: Turn | None = None

    @property
    def step(self) -> Step:
        """Return the step to start from: format, so that all use the same results; without results, the beginning."""
        if self.turn is None:
            return "route"
        try:
            rerun.again(self.turn, "format")
        except Failure:
            return "route"
        return "format"


async def compare(
    workspace: Workspace,
    here: Conversation,
    asked: CompareRequest,
    beside: Callable[[Sequence[Conversation]], AbstractContextManager[None]],
) -> tuple[tuple[str, Turn], ...]:
    """Return each model with its turn, in the order of the refs. `beside` is open while they answer."""
    there: list[Conversation] = []
    step = asked.step
    try:
        for ref in asked.refs:
            there.append(await _fork(workspace, here, asked, ref))
        turn = asked.turn
        tasks = [one.rerun(turn, step) if turn else one.submit(asked.input) for one in there]
        with beside(there):
            await asyncio.wait(tasks)
        pairs = zip(asked.refs, there, strict=True)
        return tuple((ref, one.timeline().turns[-1]) for ref, one in pairs)
    finally:
        for one in there:
            await one.close()


async def _fork(workspace: Workspace, here: Conversation, asked: CompareRequest, ref: str) -> Conversation:
    """Return a fork in which this model calls tools and answers; for an empty timeline, a new timeline."""
    timeline = here.timeline()
    keep = asked.turn.number - 1 if asked.turn else timeline.last_turn
    if timeline.last_seq:
        title = timeline.title.removesuffix(FORK_MARK) if timeline.turns else make_title(asked.input.written)
        title = f"{title} ({ref})"
        there = await workspace.timelines.open(await workspace.timelines.fork(here.id, keep, title))
    else:
        there = await workspace.timelines.open()
    copy_choices(there, here, quiet=True)
    routing = replace(there.overrides.routing, tool=ref, format=ref)
    there.override(replace(there.overrides, routing=routing), quiet=True)
    return there
