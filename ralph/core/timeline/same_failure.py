"""Finds steps of a turn that failed for the same reason, so that a reader is told the reason once."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.errors import ErrorInfo
from ralph.core.timeline.turns import Block

# Older versions recorded it before the sentence of the earlier step.
_BEFORE = "not tried again: "


def is_same(one: ErrorInfo | None, other: ErrorInfo | None) -> bool:
    """Return whether both failures have the same kind and sentence."""
    if one is None or other is None:
        return False
    return (one.kind, one.message.removeprefix(_BEFORE)) == (other.kind, other.message.removeprefix(_BEFORE))


def fails_again(block: Block, blocks: Sequence[Block]) -> bool:
    """Return whether a later one of `blocks` failed for the same reason."""
    later = blocks[[one.id for one in blocks].index(block.id) + 1 :]
    return any(is_same(block.error, one.error) for one in later)
