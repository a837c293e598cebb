"""What a turn was begun with, where that is not the usual: a turn run again, settings, earlier turns left out."""

from __future__ import annotations

from ralph.core.timeline.turns import Turn

# Notes of these kinds are about what the turn was begun with; the others stand at its end.
AT_THE_BEGINNING = frozenset(("context.left_out",))


def beginnings(turn: Turn) -> list[str]:
    """A line each, under the question."""
    made, started = [], turn.started
    if again := started.rerun_of:
        made.append(f"turn {again.turn} of {again.timeline} again, from {again.from_}")
    if started.settings:
        made.append("with " + ", ".join(f"{key} {value}" for key, value in sorted(started.settings.items())))
    return [*made, *(note.text for note in turn.notes if note.kind in AT_THE_BEGINNING)]
