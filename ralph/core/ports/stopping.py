"""Who is told that the process has to end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Stopping(Protocol):
    """Signals and `--timeout`. Whoever runs something that must be finished in order claims them meanwhile.

    `restore` gives the terminal back to the shell: called where the orderly end takes too long.
    """

    restore: Callable[[], None]

    def claim(self, stop: Callable[[int], None], *, quits: bool = False) -> AbstractContextManager[None]:
        """`stop` is called in the loop, with the exit code, also if the process was told to end before.

        `quits`: SIGQUIT (Ctrl+\\) is such a signal too, and does not kill with the terminal taken.

        Afterwards the work is done, and the process is ending anyway: nothing is stopped any more.
        """
        ...
