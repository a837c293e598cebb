"""What the model last saw of each file in a timeline, folded from its calls. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ralph.core.llm.tool_output import LastRead
from ralph.core.timeline.turns import Turn


def find_last_reads(turns: Iterable[Turn]) -> dict[str, LastRead]:
    """Return the last read or write of each file by its path, over these turns in order."""
    found: dict[str, LastRead] = {}
    for call in (call for turn in turns for block in turn.blocks for call in block.calls):
        for record in call.files:
            if not record.path.endswith("/"):
                found[record.path] = LastRead(record.after, call.id, wrote=record.before != record.after)
    return found
