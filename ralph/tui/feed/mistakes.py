"""What cannot be shown: a line in the log, and a note for the person the first time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec

log = logging.getLogger("ralph.tui")
P = ParamSpec("P")

# The same mistake at every event is logged this often in full.
LOGGED = 5


class Mistakes:
    """`tell` shows the note; `mend` is called after each mistake."""

    def __init__(self, tell: Callable[[str], object], mend: Callable[[], None]) -> None:
        self._tell = tell
        self._mend = mend
        self._counts: dict[str, int] = {}

    def guard(self, what: str, do: Callable[P, None], *args: P.args, **more: P.kwargs) -> None:
        """Call it; an exception in it is a mistake that is called `what`."""
        try:
            do(*args, **more)
        except Exception as error:  # noqa: BLE001 - border: what cannot be shown must not end the program
            self._report(what, error)

    def _report(self, what: str, error: Exception) -> None:
        self._counts[what] = count = self._counts.get(what, 0) + 1
        if count <= LOGGED:
            log.exception(what, exc_info=error)
        if count == 1:
            self._tell(f"**ralph hit a bug:** {what}. The log has the rest.")
        self._mend()
