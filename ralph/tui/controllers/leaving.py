"""The orderly end of the program."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from ralph.tui.controllers.ports import Work
from ralph.tui.controllers.shell_state import ShellState

log = logging.getLogger("ralph.tui")

STOP_S = 4.0


class Leaving:
    """The end of the program. It exists before the widgets do, because a signal may come first."""

    def __init__(self, shell: ShellState, *, work: Work, exit: Callable[[int], None]) -> None:  # noqa: A002 - Textual's name
        """`exit` ends the program with the given exit code."""
        self._shell = shell
        self._work = work
        self._exit = exit

    def quit(self, code: int = 0) -> None:
        """Stop the running turn, and end the program."""
        self._work(partial(self._leave, code))

    async def _leave(self, code: int) -> None:
        if self._shell.busy:
            try:
                await asyncio.wait_for(self._shell.open_timeline.stop(), STOP_S)
            except TimeoutError:
                log.warning("the running turn did not stop within %s s", STOP_S)
        self._exit(code)
