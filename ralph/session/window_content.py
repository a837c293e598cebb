"""What tools must know of the conversation: outside content in the window, and the files that the model has read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ralph.core.llm.consent import Taint
from ralph.core.llm.tool_output import LastRead
from ralph.core.timeline.last_reads import find_last_reads
from ralph.core.timeline.taint import find_taint
from ralph.core.timeline.timeline import Fold, Timeline
from ralph.core.timeline.turns import Turn
from ralph.pipeline.plan import ToolPolicy

Whole = Callable[[], Awaitable[Timeline]]


def watch_content(tools: ToolPolicy, window: Sequence[Turn], fold: Fold, whole: Whole) -> ToolPolicy:
    """Return the tools with what they must know. `window` are the turns that the requests carry; `whole` loads every
    turn, which only a call that writes needs."""
    return replace(tools, taint=partial(_find_taint, window, fold), last_reads=partial(_find_last_reads, whole))


def _find_taint(window: Sequence[Turn], fold: Fold) -> Taint:
    """Return the outside content in these turns and in the running one."""
    running = fold.open_turn()
    return find_taint((*window, running) if running else window)


async def _find_last_reads(whole: Whole) -> Mapping[str, LastRead]:
    return find_last_reads((await whole()).turns)


def list_note_kinds(timeline: Timeline) -> frozenset[str]:
    """Return the kinds of notes that the timeline already has."""
    return frozenset(note.kind for turn in timeline.turns for block in turn.blocks for note in block.notes)
