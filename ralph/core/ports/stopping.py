"""The protocol for work that must end in order before the process does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Stopping(Protocol):
    """Signals and `--timeout`. Work that must be finished in order claims them while it runs.

    `restore` gives the terminal back to the shell; it is called if the orderly end takes too long.
    """

    restore: Callable[[], None]

    def claim(self, stop: Callable[[int], None], *, quits: bool = False) -> AbstractContextManager[None]:
        """Call `stop` in the loop with the exit code, also if the process was told to end before.

        `quits`: treat SIGQUIT (Ctrl+\\) as such a signal too, instead of dying with the terminal in use.

        After the block the work is done and the process is ending, so nothing more is stopped.
        """
        ...
