"""`!command` in the prompt: runs it for the person, and lets its output go along with the next message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ralph.commands._dispatch import refusal
from ralph.core.errors import Failure
from ralph.core.ports.side_work import SideWorkEnd
from ralph.tui.controllers.message_queue import MessageQueue
from ralph.tui.controllers.ports import Say
from ralph.tui.controllers.shell_state import ShellState


class OwnCommands:
    """Runs the lines of the person, each as a block of the open timeline."""

    def __init__(
        self, shell: ShellState, queue: MessageQueue, root: Path, say: Say, write_before: Callable[[str], None]
    ) -> None:
        """`write_before` puts a line that cannot run now back into the prompt."""
        self._shell = shell
        self._queue = queue
        self._root = root
        self._say = say
        self._write_before = write_before

    def run(self, typed: str) -> None:
        """Run the line now. While a turn runs it is refused, and stays in the prompt."""
        opened = self._shell.open_timeline
        shared = not typed.startswith("!!")
        line = typed.removeprefix("!").removeprefix("!").strip()

        async def work(show: Callable[[str], None]) -> SideWorkEnd:
            from ralph.workflows.person_command import run_line  # only who runs a command needs it

            end = await run_line(line, self._root, show, shared=shared)
            if shared and opened is self._shell.open_timeline:
                self._queue.pending.attach(end.attach())
            return end.work

        try:
            task = opened.conversation.perform(f"!{line}" if shared else f"!!{line}", work)
        except Failure as failure:
            self._write_before(typed)
            self._say(refusal(failure.message))
            return
        self._queue.follow(task, opened)
