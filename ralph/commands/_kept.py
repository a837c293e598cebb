"""The sentences about a choice: whether it is kept for later starts, and how to undo it."""

from __future__ import annotations

from ralph.commands._dispatch import verbatim

# The argument that undoes a choice.
RESET = "reset"


def describe_keeping(why_not: str, undo: str) -> str:
    """Return the sentence after a choice; `undo` is the command that takes it back."""
    if why_not:
        return f"This is for this run of ralph only: {verbatim(why_not)}."
    return f"This is kept for every later start; `{undo}` undoes it."


def describe_reset(why_not: str) -> str:
    """Return the sentence after a choice was undone."""
    return f"This is for this run of ralph only: {verbatim(why_not)}." if why_not else "Your choice is forgotten."
