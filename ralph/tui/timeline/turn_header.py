"""The notes at the start of a turn: a turn that runs again, its settings, earlier turns that were left out."""

from __future__ import annotations

from ralph.core.timeline.turns import Turn

# Notes of these kinds stand at the start of a turn. The others stand at its end.
AT_THE_BEGINNING = frozenset(("context.left_out",))


def beginnings(turn: Turn) -> list[str]:
    """Return the lines that stand under the question."""
    made, started = [], turn.started
    if again := started.rerun_of:
        made.append(f"turn {again.turn} of {again.timeline} again, from {again.from_}")
    if started.settings:
        made.append("with " + ", ".join(f"{key} {value}" for key, value in sorted(started.settings.items())))
    return [*made, *(note.text for note in turn.notes if note.kind in AT_THE_BEGINNING)]
