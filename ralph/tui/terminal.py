"""A program that has taken the terminal, and gives it back however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from textual.app import App

from ralph.core.stopping import Stopping

# All that Textual's driver switches: paste, focus, mouse, sizes, the kitty protocol of keys, wrapping, the screen,
# the cursor.
_BACK = (
    "\x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?2048l"
    "\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)


async def run_until_stopped(app: App[int], leave: Callable[[int], Any], stopping: Stopping | None) -> int:
    """Run a program of the screen; the exit code. A signal makes it `leave` with a code of its own."""
    with kept() as restore:
        if stopping is None:
            return await app.run_async() or 0
        stopping.restore = restore
        with stopping.claimed(leave, quits=True):
            return await app.run_async() or 0


@contextlib.contextmanager
def kept() -> Iterator[Callable[[], None]]:
    """The terminal as it is now; the function brings it back, from any thread. After a mistake it is brought back."""
    found = _terminal()
    if found is None:
        yield lambda: None
        return
    descriptor, before = found

    def restore() -> None:
        import termios

        with contextlib.suppress(OSError, termios.error):
            os.write(descriptor, _BACK.encode())
            termios.tcsetattr(descriptor, termios.TCSANOW, before)

    try:
        yield restore
    except BaseException:
        restore()
        raise


def _terminal() -> tuple[int, list[Any]] | None:
    """The descriptor on which Textual paints, if it is a terminal, and how it treats keys and output."""
    try:
        import termios

        descriptor = (sys.__stderr__ or sys.stderr).fileno()
        return descriptor, termios.tcgetattr(descriptor)
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    except termios.error:
        return None
