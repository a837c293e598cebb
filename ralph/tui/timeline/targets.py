"""The place of a drawing in the timeline. A place outlives its drawing."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen
from ralph.tui.timeline.item_list import TimelineItem

Part = Literal["user", "step", "waterfall", "answer", "note", "sum", "said"]


@frozen
class Target(Data):
    """A part of a turn. `block` is the id of its block, or "". `said` is for words of ralph, which have no turn."""

    turn: int
    part: Part
    block: str = ""


def target_of(item: TimelineItem) -> Target | None:
    """Return the place of an item, or None for an item that is neither part of a timeline nor words of ralph."""
    return getattr(item.drawing, "place", None)
