"""Programs that wait for a terminal for ever, also where their input is empty."""

from __future__ import annotations

from collections.abc import Sequence

# Vim reads from its error output when its input ends, and a pipe there never ends. The other programs of the terminal
# (top, less, nano, emacs) see that there is none, and end by themselves.
_WAIT = frozenset(["vi", "vim", "view", "vimdiff", "nvim", "vim.basic", "vim.tiny", "ex", "rvim"])
# With one of these they need no terminal.
_WITHOUT = ("-e", "-E", "-es", "-Es", "--headless", "--version", "--help", "-h")


def explain_missing_terminal(argv: Sequence[str]) -> str:
    """Return why this program cannot run, as a sentence; empty if it can."""
    if not argv:
        return ""
    name = argv[0].rpartition("/")[2]
    if name not in _WAIT or any(part in _WITHOUT for part in argv[1:]):
        return ""
    return f"{name} needs a terminal, and a program that ralph runs has none"
