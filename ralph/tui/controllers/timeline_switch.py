"""The switch from the open timeline to another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ralph.core.data import Data, frozen
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.ports import Job, Notify, Work
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.feed.feed import FIRST_TURNS


@frozen
class SwitchPorts(Data):
    """The part of the program that takes part in a switch.

    `leave_queue`, `end_search` and `end_completion` end the work on the old timeline. `show`, `remember`,
    `read_earlier` and `read_spending` begin the work on the new one.
    """

    leave_queue: Callable[[Conversation], None]
    end_search: Job
    end_completion: Callable[[], None]
    show: Callable[[Conversation], None]
    remember: Callable[[], None]
    read_earlier: Job
    read_spending: Job
    work: Work
    notify: Notify


class TimelineSwitch:
    """A switch between timelines that makes one change at a time."""

    def __init__(self, workspace: Workspace, shell: ShellState, ports: SwitchPorts) -> None:
        self._workspace = workspace
        self._shell = shell
        self._ports = ports
        self._switching = asyncio.Lock()

    async def open(self, timeline: str | None, *, read_only: bool = False) -> OpenTimeline:
        """Open another timeline (None: a new one), leave the old one, and return the timeline that is open then.

        The other timeline opens before the old one closes, so a failure changes nothing.
        """
        async with self._switching:
            old, ports = self._shell.open_timeline, self._ports
            if timeline is not None and await self._is_here(timeline):
                return old
            opened = await self._workspace.timelines.open(timeline, turns=FIRST_TURNS, read_only=read_only)
            ports.leave_queue(opened)
            made = self._shell.open(opened)
            await ports.end_search()
            ports.end_completion()
            ports.show(opened)
            ports.remember()
            ports.work(ports.read_earlier)
            if old.busy:
                kept = f"what had arrived is kept in {old.conversation.id}"
                ports.notify(f"the running answer was stopped; {kept}")
            await old.close()
            await ports.read_spending()
            return made

    async def _is_here(self, timeline: str) -> bool:
        """Compare by id, prefix or `last`. A timeline without a question is known by its id only."""
        here = self._shell.conversation.id
        return timeline == here or await self._workspace.timelines.resolve(timeline) == here
