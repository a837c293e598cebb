"""The words for a choice: that it is kept for every later start, or why not, and how it is undone."""

from __future__ import annotations

from ralph.commands._dispatch import verbatim

# The word that undoes a choice, behind the command that makes it.
RESET = "reset"


def describe_keeping(why_not: str, undo: str) -> str:
    """One sentence behind what was chosen; `undo` is the command that takes it back."""
    if why_not:
        return f"This is for this run of ralph only: {verbatim(why_not)}."
    return f"This is kept for every later start; `{undo}` undoes it."


def describe_reset(why_not: str) -> str:
    """The sentence behind what holds again."""
    return f"This is for this run of ralph only: {verbatim(why_not)}." if why_not else "Your choice is forgotten."
