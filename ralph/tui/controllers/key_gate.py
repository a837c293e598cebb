"""Keys that are typed right after one that opens a screen are for that screen, however long it takes to open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

# How often it is looked whether the screen is there, and how many times for one that does not come: about a second.
STEP_S, STEPS = 0.005, 200


class KeyGate:
    """Between a key and the screen that it opens."""

    def __init__(self, *, screens: Callable[[], int], takes_keys: Callable[[], bool]) -> None:
        """`screens` counts those that are open; `takes_keys`: something in the uppermost has the focus."""
        self._screens = screens
        self._takes_keys = takes_keys
        self._depth = 0
        self._left = 0
        self._under_way: Callable[[], bool] | None = None

    def begin(self, under_way: Callable[[], bool]) -> None:
        """The key was pressed; a screen may come as long as this is true."""
        self._depth = self._screens()
        self._left = STEPS
        self._under_way = under_way

    async def over(self) -> None:
        """Before the next key: until the screen is there and takes keys, or is known not to come."""
        while self._under_way and not self._is_over(self._under_way):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(STEP_S)
        self._under_way = None

    def _is_over(self, under_way: Callable[[], bool]) -> bool:
        self._left -= 1
        if self._left < 0:
            return True
        if self._screens() > self._depth:
            return self._takes_keys()
        return not under_way()
