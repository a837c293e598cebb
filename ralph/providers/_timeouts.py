"""The timeouts of an answer: the time to its first piece, and the silence after that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


class Expired(Exception):
    """The timeout expired while ralph waited."""

    def __init__(self, seconds: float, begun: bool) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.begun = begun


class IdleTimeout:
    """Bounds each wait for the network. Time in which nobody waits does not count as silence.

    One timer is armed lazily and checks the deadline when it fires: `asyncio.timeout` around each read costs 2 µs a
    token, this timer 0.3. The first piece is due within `first_s` of the start; pings and comments do not count. After
    the first piece every read has `idle_s`. `waited` is the length of the last wait in seconds.
    """

    def __init__(self, first_s: float, idle_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._first_s = first_s
        self._idle_s = idle_s
        self._deadline = self._loop.time() + first_s
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._cancels = 0
        self._expired = False
        self.begun = False
        self.waited = 0.0

    def begin(self) -> None:
        """Note that the first piece arrived; from now on only silence counts."""
        self.begun = True

    def shorten(self, seconds: float) -> None:
        """Bound the wait for the rest, since everything that counts has arrived."""
        self.begun, self._idle_s = True, seconds

    async def wait(self, awaited: Awaitable[T]) -> T:
        """Await the awaitable within the deadline. Raises `Expired`."""
        began = self._loop.time()
        if self.begun:
            self._deadline = began + self._idle_s
        if self._timer is None or self._timer.when() > self._deadline:
            self._arm()
        self._waiting = task = asyncio.current_task()
        try:
            return await awaited
        except asyncio.CancelledError:
            if self._expired and task is not None and task.uncancel() <= self._cancels:
                raise Expired(self._idle_s if self.begun else self._first_s, self.begun) from None
            raise
        finally:
            self._waiting = None
            self.waited = self._loop.time() - began

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None:
            return  # the next wait arms it again
        if self._loop.time() < self._deadline:
            self._arm()
            return
        self._expired = True
        self._cancels = self._waiting.cancelling()
        self._waiting.cancel()
