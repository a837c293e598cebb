"""What a drawing stands for in the timeline: a place that outlives the drawing."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen
from ralph.tui.timeline.item_list import TimelineItem

Part = Literal["user", "step", "waterfall", "answer", "note", "sum", "said"]


@frozen
class Target(Data):
    """A part of a turn; `block` is the id of its block, where it has one. `said` is ralph's own and has no turn."""

    turn: int
    part: Part
    block: str = ""


def target_of(item: TimelineItem) -> Target | None:
    """Where an item stands; None for what is no part of a timeline and says nothing either."""
    return getattr(item.drawing, "place", None)
