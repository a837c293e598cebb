"""The title of the terminal's window or tab."""

from __future__ import annotations

from collections.abc import Callable

from ralph.tui.text import one_line

LONGEST = 80
# XTWINOPS: the terminal puts its title on a stack, and takes it back. One without a stack gets an empty title first,
# which most read as their own default.
_PUSH, _POP = "\x1b[22;2t", "\x1b]2;\x07\x1b[23;2t"
# They paint what they do not know.
_WITHOUT = ("linux", "vt52", "vt100", "vt102", "vt220", "cygwin")


class TerminalTitle:
    """`write` sends a sequence to the terminal. Whoever writes what `undo` returns brings the old title back."""

    def __init__(self, write: Callable[[str], None], *, wanted: bool, term: str) -> None:
        self._write = write
        self._wanted = wanted and term not in _WITHOUT
        self._shown = ""

    def show(self, title: str) -> None:
        """`ralph · title`; the terminal's own is kept for later with the first one."""
        words = one_line(title)[:LONGEST]
        if self._wanted and words != self._shown:
            self._write(f"{'' if self._shown else _PUSH}\x1b]2;{words}\x07")
            self._shown = words

    def undo(self) -> str:
        """The sequence that brings the title back; empty where none was shown. The next `show` begins again."""
        shown, self._shown = self._shown, ""
        return _POP if shown else ""
