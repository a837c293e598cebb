"""What a turn was begun with, where that is not the usual: a turn run again, settings."""

from __future__ import annotations

from ralph.core.log.events import TurnStarted


def beginnings(started: TurnStarted) -> list[str]:
    """A line each, under the question."""
    made = []
    if again := started.rerun_of:
        made.append(f"turn {again.turn} of {again.timeline} again, from {again.from_}")
    if started.settings:
        made.append("with " + ", ".join(f"{key} {value}" for key, value in sorted(started.settings.items())))
    return made
