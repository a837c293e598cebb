"""Continues the latest timeline; if it is open in another window, the latest one that is free."""

from __future__ import annotations

from ralph.core.errors import NotFound, OpenElsewhere
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import TimelineService

LAST = "last"


async def open_timeline(
    timelines: TimelineService, timeline: str | None, *, turns: int | None = None
) -> tuple[Conversation, str]:
    """Open this timeline as `TimelineService.open` does. For `last`, open the latest free one, with a sentence that
    names the one passed over, or an empty text. Raises `OpenElsewhere` if none is free."""
    try:
        return await timelines.open(timeline, turns=turns), ""
    except OpenElsewhere as elsewhere:
        if timeline != LAST:
            raise
        first = elsewhere
    for row in await timelines.rows():
        if row.busy or row.id == first.timeline:
            continue
        try:
            opened = await timelines.open(row.id, turns=turns)
        except (OpenElsewhere, NotFound):  # opened or deleted by another process since the list was read
            continue
        return opened, f"the latest timeline, {first.timeline}, is open in another window; this is {row.id}"
    raise first
