"""A key that is pressed twice in a row."""

from __future__ import annotations

# Two presses further apart than this are two single ones.
TWICE_S = 0.6


class DoublePress:
    """Remembers the first press, until the second one or until it is too old."""

    def __init__(self, window_s: float = TWICE_S) -> None:
        self._window_s = window_s
        self._first = float("-inf")

    def begin(self, now: float) -> None:
        """This press is the first, whatever was before it."""
        self._first = now

    def second(self, now: float, *, counts: bool = True) -> bool:
        """Whether this press is the second. One that does not count begins nothing and ends what had begun."""
        again = counts and now - self._first < self._window_s
        self._first = now if counts and not again else float("-inf")
        return again
