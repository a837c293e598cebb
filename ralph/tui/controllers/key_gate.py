"""The gate for keys that are typed right after a key that opens a screen: they wait for that screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

# Seconds between two checks for the screen, and the number of checks: about one second in all.
STEP_S, STEPS = 0.005, 200


class KeyGate:
    """A gate that holds keys back until the screen that a key opens has the focus."""

    def __init__(self, *, screens: Callable[[], int], takes_keys: Callable[[], bool]) -> None:
        """`screens` counts the open screens. `takes_keys` returns whether a widget of the top screen has the focus."""
        self._screens = screens
        self._takes_keys = takes_keys
        self._depth = 0
        self._left = 0
        self._under_way: Callable[[], bool] | None = None

    def begin(self, under_way: Callable[[], bool]) -> None:
        """Begin to hold keys back. A screen may come as long as `under_way` returns true."""
        self._depth = self._screens()
        self._left = STEPS
        self._under_way = under_way

    async def over(self) -> None:
        """Wait before the next key until the screen takes keys, or until no screen will come."""
        while self._under_way and not self._is_over(self._under_way):  # noqa: ASYNC110 - no event tells this
            await asyncio.sleep(STEP_S)
        self._under_way = None

    def _is_over(self, under_way: Callable[[], bool]) -> bool:
        self._left -= 1
        if self._left < 0:
            return True
        if self._screens() > self._depth:
            return self._takes_keys()
        return not under_way()
