"""A program that has taken the terminal, and gives it back however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

from textual.app import App

from ralph.core.errors import Failure, Kind
from ralph.core.ports.stopping import Stopping

log = logging.getLogger("ralph.tui")

# All that Textual's driver switches: paste, focus, mouse, sizes, the kitty protocol of keys, wrapping, the screen,
# the cursor.
_BACK = (
    "\x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?2048l"
    "\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)


async def run_until_stopped(
    app: App[int], leave: Callable[[int], Any], stopping: Stopping | None, undo: Callable[[], str] = str
) -> int:
    """Run a program of the screen; the exit code. A signal makes it `leave` with a code of its own.

    `undo` returns what else the terminal needs to be as it was; it is written however the program ends.
    """
    with keep_terminal(undo) as restore:
        if stopping is None:
            return _end(app, await app.run_async())
        stopping.restore = restore
        with stopping.claim(leave, quits=True):
            return _end(app, await app.run_async())


def _end(app: App[int], code: int | None) -> int:
    """Raises `Failure` where a mistake ended it before its first paint."""
    if error := app._exception:
        log.error("a bug in ralph ended the screen", exc_info=error)
        said = f"{type(error).__name__}: {error}"
        raise Failure(Kind.INTERNAL, f"a bug in ralph ended the screen: {said}; the log has the rest") from error
    return code or 0


def follow_jobs(app: App[int]) -> None:
    """Ctrl+Z's signal and its end. Textual 8.2.8 takes the terminal a second time after a SIGSTOP, which nobody can
    see coming, and then believes that it was raw from the start."""
    if sys.platform == "win32" or not hasattr(app._driver, "_sigtstp_application"):
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTSTP, suspend, app)
    loop.add_signal_handler(signal.SIGCONT, _take_again, app)


def suspend(app: App[int]) -> None:
    """Give the terminal back and stop, with the whole job, as Ctrl+Z does; return when it is in the foreground again.

    Where nobody could continue it (no shell with jobs), the system does not stop it.
    """
    if sys.platform == "win32" or not hasattr(app._driver, "_sigtstp_application"):
        return
    loop = asyncio.get_running_loop()
    with app.batch_update(), app.suspend():
        loop.remove_signal_handler(signal.SIGCONT)
        loop.remove_signal_handler(signal.SIGTSTP)  # back to what the system does
        os.kill(0, signal.SIGTSTP)
    follow_jobs(app)


def _take_again(app: App[int]) -> None:
    """After a SIGSTOP the shell had the terminal without asking: its modes and its screen are taken anew."""
    with app.batch_update(), app.suspend():
        pass


@contextlib.contextmanager
def keep_terminal(undo: Callable[[], str] = str) -> Iterator[Callable[[], None]]:
    """The terminal as it is now; the function brings it back, from any thread. After a mistake it is brought back.

    What `undo` returns is written in any case: Textual does not know of it.
    """
    found = _terminal()
    if found is None:
        yield lambda: None
        return
    descriptor, before = found

    def restore() -> None:
        termios = _termios()
        with contextlib.suppress(OSError, termios.error):
            os.write(descriptor, (undo() + _BACK).encode())
            termios.tcsetattr(descriptor, termios.TCSANOW, before)

    try:
        yield restore
    except BaseException:
        restore()
        raise
    with contextlib.suppress(OSError):
        os.write(descriptor, undo().encode())


def _termios() -> Any:
    """Python's module of that name, by its name: Windows has none. Raises `ImportError`."""
    return importlib.import_module("termios")


def _terminal() -> tuple[int, list[Any]] | None:
    """The descriptor on which Textual paints, if it is a terminal, and how it treats keys and output."""
    try:
        termios = _termios()
        descriptor = (sys.__stderr__ or sys.stderr).fileno()
        return descriptor, termios.tcgetattr(descriptor)
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    except termios.error:
        return None
