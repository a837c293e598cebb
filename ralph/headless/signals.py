"""Handles signals and `--timeout`, from the process's first instruction to its last.

Before there is a loop nothing is open, and the process ends at once. In a loop the code that has claimed the signals is
told, so that everything open is finished; else the running coroutine is cancelled. This module is the first to load, so
it imports nothing heavy.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ralph.core.errors import Stopped

if TYPE_CHECKING:
    import asyncio

SIGHUP_EXIT, SIGINT_EXIT, SIGQUIT_EXIT, SIGTERM_EXIT, TIMEOUT_EXIT = 129, 130, 131, 143, 124
SIGNAL_EXITS = (SIGHUP_EXIT, SIGINT_EXIT, SIGQUIT_EXIT, SIGTERM_EXIT)
# Seconds for the orderly end after a signal; work that hangs is left to the recovery of the next start.
BOUND_S = 15.0
_CODES = {"SIGHUP": SIGHUP_EXIT, "SIGINT": SIGINT_EXIT, "SIGTERM": SIGTERM_EXIT}


class Signals:
    """The signals of the process. A signal that was ignored at the start (`nohup`, a background job) stays ignored."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.timeout_s: float | None = None
        # Ends the process while nothing is open.
        self.leave: Callable[[int], object] = os._exit
        # Gives the terminal back to the shell, if a screen uses it.
        self.restore: Callable[[], None] = lambda: None
        self._began = time.monotonic()
        self._armed = False
        self._told: Callable[[int], object] = lambda code: None
        self._numbers: dict[int, int] = {}

    def arm(self) -> None:
        """Turn signals into exit codes from now on, never into tracebacks."""
        self._armed = True
        self._numbers = {}
        for name, code in _CODES.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._numbers[number] = code
        self._at_once()

    def until(self, seconds: float | None) -> None:
        """Set `--timeout`, counted from the start of the process."""
        self.timeout_s = seconds
        if seconds and self._armed and sys.platform != "win32":
            signal.signal(signal.SIGALRM, self._leave)
            signal.setitimer(signal.ITIMER_REAL, max(self.measure_remaining_s() or 0, 0.001))

    def measure_remaining_s(self) -> float | None:
        """Return the seconds left of `--timeout`; None without one."""
        return None if self.timeout_s is None else self.timeout_s - (time.monotonic() - self._began)

    @contextlib.contextmanager
    def watching(self, loop: asyncio.AbstractEventLoop, cancel: Callable[[], object]) -> Iterator[None]:
        """Call `cancel` on a signal in this loop, unless other code has claimed the signals."""
        if sys.platform != "win32" and self.timeout_s:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self._told = lambda code: cancel()
        left = self.measure_remaining_s()
        timer = None if left is None else loop.call_later(max(left, 0), self._tell, TIMEOUT_EXIT)
        try:
            if sys.platform != "win32":
                for number, code in self._numbers.items():
                    loop.add_signal_handler(number, self._tell, code)
            yield
        finally:
            if timer:
                timer.cancel()
            self._told = lambda code: None
            if sys.platform != "win32":
                for number in self._numbers:
                    loop.remove_signal_handler(number)
                self._at_once()

    @contextlib.contextmanager
    def claim(self, stop: Callable[[int], None], *, quits: bool = False) -> Iterator[None]:
        """See `core.ports.stopping.Stopping`."""
        self._told = stop
        if quits and self._armed and sys.platform != "win32":
            import asyncio

            self._numbers[signal.SIGQUIT] = SIGQUIT_EXIT
            asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, self._tell, SIGQUIT_EXIT)
        try:
            if self.code is not None:
                stop(self.code)
            yield
        finally:
            self._told = lambda code: None

    def failure(self, code: int | None = None) -> Stopped:
        """Return the failure for an end before any turn."""
        code = code or self.code or SIGTERM_EXIT
        if code == TIMEOUT_EXIT:
            return Stopped(code, f"stopped after {self.timeout_s:g} s (--timeout), before there was a turn")
        return Stopped(code, "stopped by a signal, before there was a turn")

    def _at_once(self) -> None:
        for number in self._numbers:
            signal.signal(number, self._leave)

    def _leave(self, number: int, frame: object) -> None:
        code = self._numbers.get(number, TIMEOUT_EXIT)
        code = code if self.code is None else self.code
        try:
            self.leave(code)
        finally:
            os._exit(code)  # also inside the write of a stream, which cannot be written to then

    def _tell(self, code: int) -> None:
        """Take the first signal; later ones change nothing."""
        if self.code is not None:
            return
        self.code = code
        if self._armed:
            self._limit_exit(code)
        self._told(code)

    def _limit_exit(self, code: int) -> None:
        from threading import Timer

        def end() -> None:
            try:
                self.restore()
            finally:
                os._exit(code)

        timer = Timer(BOUND_S, end)
        timer.daemon = True
        timer.start()
