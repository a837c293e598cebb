"""Runs a turn again in a fork that ends before it: `/retry` and `ralph rerun`."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Awaitable, Callable

from ralph.core.data import Data, frozen
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.steps import STEPS, Step
from ralph.core.timeline.turns import Turn
from ralph.session import rerun


@frozen
class PreparedRerun(Data):
    """A fork, open in `conversation`; `begin` starts the turn. With a `ref`, its model calls tools and answers."""

    conversation: Conversation
    turn: Turn
    from_: Step
    ref: str = ""

    @property
    def kept(self) -> str:
        """Return the steps that keep their results, as the end of a sentence; empty where every step runs."""
        steps = STEPS[: STEPS.index(self.from_)]
        return f"; {' and '.join(steps)} results are kept" if steps else ""

    def begin(self) -> Task[None]:
        return self.conversation.rerun(self.turn, self.from_, self.ref)


async def prepare_rerun(
    workspace: Workspace,
    timeline: str,
    turn: Turn,
    open_: Callable[[str], Awaitable[Conversation]],
    *,
    from_: Step = "route",
    ref: str = "",
) -> PreparedRerun:
    """Fork `timeline` before the turn; `open_` opens the fork, with its choices.

    Raises `Failure`, before the fork exists, if a step to keep did not end well.
    """
    rerun.again(turn, from_)
    fork = await workspace.timelines.fork(timeline, turn.number - 1)
    return PreparedRerun(await open_(fork), turn, from_, ref)
