"""One question answered by several models, each in a fork of its own, at the same time."""

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
from ralph.workflows.choices import copy_choices


@frozen
class CompareRequest(Data):
    """`turn` is asked again; where there is none, `input` is asked."""

    refs: tuple[str, ...]
    input: UserInput = UserInput("")
    turn: Turn | None = None

    @property
    def step(self) -> Step:
        """From format, so that all write from the same results; from the beginning where there are none."""
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
    """Each model with its turn, in the order of the refs. `beside` is open while they answer."""
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
    """A fork in which tool and format are by this model; of a timeline in which nothing was asked, a new one."""
    timeline = here.timeline()
    keep = asked.turn.number - 1 if asked.turn else timeline.last_turn
    if timeline.last_seq:
        title = f"{timeline.title.removesuffix(FORK_MARK)} ({ref})"
        there = await workspace.timelines.open(await workspace.timelines.fork(here.id, keep, title))
    else:
        there = await workspace.timelines.open()
    copy_choices(there, here, quiet=True)
    routing = replace(there.overrides.routing, tool=ref, format=ref)
    there.override(replace(there.overrides, routing=routing), quiet=True)
    return there
