"""The runner of slash commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ralph.commands._dispatch import run
from ralph.core.ports.face import Face
from ralph.tui.controllers.message_queue import MessageQueue
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.ports import Job, Work
from ralph.tui.controllers.shell_state import ShellState


class CommandRunner:
    """A runner of slash commands. Messages that are sent meanwhile wait until the command ends."""

    def __init__(
        self,
        shell: ShellState,
        queue: MessageQueue,
        *,
        face: Callable[[OpenTimeline, str], Face],
        work: Work,
        after: Job,
    ) -> None:
        """`face` makes the face of a command from the timeline and the typed line. `after` runs after each command."""
        self._shell = shell
        self._queue = queue
        self._face = face
        self._work = work
        self._after = after

    def run(self, line: str) -> None:
        """Run the command in the background, on the timeline that is open now."""
        self._queue.hold()
        self._work(partial(self._run, line, self._shell.open_timeline))

    async def _run(self, line: str, open_timeline: OpenTimeline) -> None:
        try:
            await run(line, self._face(open_timeline, line))
        finally:
            self._queue.release()
        self._shell.announce("header")  # another provider may answer now
        await self._after()  # a command may have changed a budget
