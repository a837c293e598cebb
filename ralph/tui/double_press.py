"""The detection of a key that is pressed twice in a row."""

from __future__ import annotations

# Two presses more than this many seconds apart are two single presses.
TWICE_S = 0.6


class DoublePress:
    """A memory of the first press, until the second one or until the first is too old."""

    def __init__(self, window_s: float = TWICE_S) -> None:
        self._window_s = window_s
        self._first = float("-inf")

    def begin(self, now: float) -> None:
        """Count this press as the first one."""
        self._first = now

    def second(self, now: float, *, counts: bool = True) -> bool:
        """Return whether this press is the second. A press that does not count clears the first press."""
        again = counts and now - self._first < self._window_s
        self._first = now if counts and not again else float("-inf")
        return again
