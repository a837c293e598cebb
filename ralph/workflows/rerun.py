"""A turn run again in a fork that ends before it: `/retry` and `ralph rerun`."""

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
    """The fork is open in `conversation`; `begin` starts the turn. With a `ref` that model does tool and format."""

    conversation: Conversation
    turn: Turn
    from_: Step
    ref: str = ""

    @property
    def kept(self) -> str:
        """The steps whose results are not made again, as the end of a sentence; empty where every step runs."""
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
    """Fork `timeline` before the turn; `open_` opens the fork, with the choices that it shall have.

    Raises `Failure`, before there is a fork, where a step that is to be kept did not end well.
    """
    rerun.again(turn, from_)
    fork = await workspace.timelines.fork(timeline, turn.number - 1)
    return PreparedRerun(await open_(fork), turn, from_, ref)
