"""What a timeline shows between its turns: other models."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.core.formatting import join_words
from ralph.core.log.events import RolesChanged
from ralph.core.timeline.timeline import Timeline
from ralph.tui.timeline.blocks import NoteDrawing


def drawing(change: RolesChanged) -> NoteDrawing:
    """`models: tool and format a:b → c:d`, roles with the same change together."""
    changed: dict[tuple[str, str], list[str]] = {}
    for role, ref in change.to.items():
        before = change.from_.get(role, "")
        if before != ref:
            changed.setdefault((before, ref), []).append(role)
    parts = [f"{join_words(roles)} {before or 'none'} → {ref}" for (before, ref), roles in changed.items()]
    return NoteDrawing(f"models: {'; '.join(parts)}")


def after_turns(timeline: Timeline) -> Mapping[int, list[NoteDrawing]]:
    """By the number of the turn that they follow. Before the first one nobody answered who could be another now."""
    made: dict[int, list[NoteDrawing]] = {}
    for number, change in timeline.role_changes:
        if number:
            made.setdefault(number, []).append(drawing(change))
    return made
