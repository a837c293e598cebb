"""The guard that gives the terminal back however the program ends."""

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

# Reset everything that Textual's driver switches: paste, focus, mouse, sizes, the kitty key protocol, wrapping, the
# screen, the cursor.
_BACK = (
    "\x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?2048l"
    "\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)


async def run_until_stopped(
    app: App[int], leave: Callable[[int], Any], stopping: Stopping | None, undo: Callable[[], str] = str
) -> int:
    """Run an app on the screen, and return its exit code. A signal calls `leave` with a code of its own.

    `undo` returns a sequence that restores the rest of the terminal. It is written however the program ends.
    """
    with keep_terminal(undo) as restore:
        if stopping is None:
            return _end(app, await app.run_async())
        stopping.restore = restore
        with stopping.claim(leave, quits=True):
            return _end(app, await app.run_async())


def _end(app: App[int], code: int | None) -> int:
    """Return the exit code. Raise `Failure` if a mistake ended the app before its first paint."""
    if error := app._exception:
        log.error("a bug in ralph ended the screen", exc_info=error)
        said = f"{type(error).__name__}: {error}"
        raise Failure(Kind.INTERNAL, f"a bug in ralph ended the screen: {said}; the log has the rest") from error
    return code or 0


def follow_jobs(app: App[int]) -> None:
    """Handle Ctrl+Z and the return from it.

    Textual 8.2.8 sets the terminal up a second time after a SIGSTOP, which a program cannot catch, and then takes the
    raw mode for the original one.
    """
    if sys.platform == "win32" or not hasattr(app._driver, "_sigtstp_application"):
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTSTP, suspend, app)
    loop.add_signal_handler(signal.SIGCONT, _take_again, app)


def suspend(app: App[int]) -> None:
    """Give the terminal back and stop the whole job, as Ctrl+Z does. Return when the job is in the foreground again.

    If no shell could continue the job, the system does not stop it.
    """
    if sys.platform == "win32" or not hasattr(app._driver, "_sigtstp_application"):
        return
    loop = asyncio.get_running_loop()
    with app.batch_update(), app.suspend():
        loop.remove_signal_handler(signal.SIGCONT)
        loop.remove_signal_handler(signal.SIGTSTP)  # the default action of the system
        os.kill(0, signal.SIGTSTP)
    follow_jobs(app)


def _take_again(app: App[int]) -> None:
    """Set up the modes and the screen of the terminal again: after a SIGSTOP the shell had changed them."""
    with app.batch_update(), app.suspend():
        pass


@contextlib.contextmanager
def keep_terminal(undo: Callable[[], str] = str) -> Iterator[Callable[[], None]]:
    """Remember the state of the terminal, and yield a function that restores it from any thread.

    After an exception the state is restored. The result of `undo` is written in any case, because Textual does not know
    it.
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
    """Import the module `termios` by name, because Windows has none. Raise `ImportError`."""
    return importlib.import_module("termios")


def _terminal() -> tuple[int, list[Any]] | None:
    """Return the descriptor on which Textual paints and its modes, or None if that is no terminal."""
    try:
        termios = _termios()
        descriptor = (sys.__stderr__ or sys.stderr).fileno()
        return descriptor, termios.tcgetattr(descriptor)
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    except termios.error:
        return None
