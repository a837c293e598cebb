"""The brightness of the terminal's background, asked before the screen is taken."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping

from ralph.core.data import Data, frozen
from ralph.tui.themes import HOUSE

AUTO = "auto"
BRIGHT = "daylight"
SIXTEEN = "ansi"
# Seconds to wait for an answer. A local terminal answers within a few milliseconds, and nothing is painted before.
PATIENCE_S = 0.03
# A question for the background colour, and one that every terminal answers, so that no terminal without colours causes
# a wait.
QUESTION = b"\x1b]11;?\x1b\\\x1b[c"

# Patterns, compiled when a terminal has answered.
_COLOUR = rb"\x1b\]11;rgb:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:\x07|\x1b\\)"
_DONE = rb"\x1b\[\?[0-9;]*c"
_FEW = frozenset(("linux", "screen", "tmux", "xterm", "ansi", "cygwin", "rxvt", "vt100", "vt102", "vt220"))


@frozen
class Background(Data):
    """The theme for the background. `typed` is the text that a person typed meanwhile; it goes into the prompt."""

    theme: str
    typed: str = ""


def detect(environ: Mapping[str, str]) -> Background:
    """Return the theme for this terminal. A terminal that does not answer, or is remote, counts as dark."""
    if few_colours(environ):
        return Background(SIXTEEN)
    # Over ssh the answer may come after the prompt is there, and would be typed into it.
    heard = b"" if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") else _ask()
    dark, typed = read_answer(heard)
    if dark is None:
        dark = dark_by_environment(environ)
    return Background(BRIGHT if dark is False else HOUSE, typed)


def few_colours(environ: Mapping[str, str]) -> bool:
    """Return whether this terminal has at most sixteen colours."""
    return not environ.get("COLORTERM") and environ.get("TERM", "") in _FEW


def read_answer(heard: bytes) -> tuple[bool | None, str]:
    """Return whether the background is dark (None: unknown), and the rest of the input."""
    found = re.search(_COLOUR, heard)
    rest = re.sub(_DONE, b"", re.sub(_COLOUR, b"", heard)).decode("utf-8", "ignore")
    typed = "" if "\x1b" in rest else "".join(c for c in rest if c.isprintable())
    if not found:
        return None, typed
    r, g, b = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return 0.299 * r + 0.587 * g + 0.114 * b < 0.5, typed


def dark_by_environment(environ: Mapping[str, str]) -> bool | None:
    """Return the brightness from `COLORFGBG`, which rxvt and others set: `foreground;background` by number."""
    number = environ.get("COLORFGBG", "").rpartition(";")[2]
    return number in ("0", "1", "2", "3", "4", "5", "6", "8") if number.isdecimal() else None


def _ask() -> bytes:
    """Return the answer of the terminal, or nothing if it does not come in time."""
    if sys.platform == "win32":  # pragma: no cover - its terminals have no such file to ask
        return b""
    import termios
    import tty

    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return b""
    try:
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal, termios.TCSANOW)
            os.write(terminal, QUESTION)
            return _listen(terminal)
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, before)
    except (OSError, termios.error):
        return b""
    finally:
        os.close(terminal)


def _listen(terminal: int) -> bytes:
    import select

    heard, until = b"", time.monotonic() + PATIENCE_S
    while (left := until - time.monotonic()) > 0 and not re.search(_DONE, heard):
        if select.select([terminal], [], [], left)[0]:
            heard += os.read(terminal, 4096)
    return heard
