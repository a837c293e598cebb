"""The title of the terminal's window or tab."""

from __future__ import annotations

from collections.abc import Callable

from ralph.tui.text import one_line

LONGEST = 80
# XTWINOPS: the terminal pushes its title onto a stack, and pops it. A terminal without a stack first gets an empty
# title, which most terminals show as their default.
_PUSH, _POP = "\x1b[22;2t", "\x1b]2;\x07\x1b[23;2t"
# These terminals paint sequences that they do not know.
_WITHOUT = ("linux", "vt52", "vt100", "vt102", "vt220", "cygwin")


class TerminalTitle:
    """The title of the terminal. `write` sends a sequence to it. The sequence of `undo` restores the old title."""

    def __init__(self, write: Callable[[str], None], *, wanted: bool, term: str) -> None:
        self._write = write
        self._wanted = wanted and term not in _WITHOUT
        self._shown = ""

    def show(self, title: str) -> None:
        """Show `ralph · title`. The first call keeps the terminal's own title for `undo`."""
        words = one_line(title)[:LONGEST]
        if self._wanted and words != self._shown:
            self._write(f"{'' if self._shown else _PUSH}\x1b]2;{words}\x07")
            self._shown = words

    def undo(self) -> str:
        """Return the sequence that restores the old title, or "" if none was shown. The next `show` starts again."""
        shown, self._shown = self._shown, ""
        return _POP if shown else ""
