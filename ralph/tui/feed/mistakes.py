"""The mistakes that keep something off the screen: each is logged, and the first of its kind is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec

log = logging.getLogger("ralph.tui")
P = ParamSpec("P")

# A mistake that repeats at every event is logged in full this many times.
LOGGED = 5


class Mistakes:
    """A guard of the drawing. `tell` shows the note; `mend` is called after each mistake."""

    def __init__(self, tell: Callable[[str], object], mend: Callable[[], None]) -> None:
        self._tell = tell
        self._mend = mend
        self._counts: dict[str, int] = {}

    def guard(self, what: str, do: Callable[P, None], *args: P.args, **more: P.kwargs) -> None:
        """Call `do`. An exception in it is reported as a mistake named `what`."""
        try:
            do(*args, **more)
        except Exception as error:  # noqa: BLE001 - border: a mistake in the drawing must not end the program
            self._report(what, error)

    def _report(self, what: str, error: Exception) -> None:
        self._counts[what] = count = self._counts.get(what, 0) + 1
        if count <= LOGGED:
            log.exception(what, exc_info=error)
        if count == 1:
            self._tell(f"**ralph hit a bug:** {what}. The log has the rest.")
        self._mend()
