"""The changes of models that a timeline shows between its turns."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.core.formatting import join_words
from ralph.core.log.events import RolesChanged
from ralph.core.timeline.timeline import Timeline
from ralph.tui.timeline.blocks import NoteDrawing


def drawing(change: RolesChanged) -> NoteDrawing:
    """Return the note `models: tool and format a:b → c:d`. Roles with the same change share an entry."""
    changed: dict[tuple[str, str], list[str]] = {}
    for role, ref in change.to.items():
        before = change.from_.get(role, "")
        if before != ref:
            changed.setdefault((before, ref), []).append(role)
    parts = [f"{join_words(roles)} {before or 'none'} → {ref}" for (before, ref), roles in changed.items()]
    return NoteDrawing(f"models: {'; '.join(parts)}")


def after_turns(timeline: Timeline) -> Mapping[int, list[NoteDrawing]]:
    """Return the notes by the number of the turn that they follow. Changes before the first turn are left out."""
    made: dict[int, list[NoteDrawing]] = {}
    for number, change in timeline.role_changes:
        if number:
            made.setdefault(number, []).append(drawing(change))
    return made
