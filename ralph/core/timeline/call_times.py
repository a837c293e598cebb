"""How long a tool ran and how long a person was asked before, also from events of older versions."""

from __future__ import annotations

from ralph.core.log import events as ev

# What `tool.decided.by` says where a person was asked.
PERSON = "the person"


def consent_ms(event: ev.ToolDecided, requested_ms: float, ms: float) -> float:
    """How long a person was asked before this decision; all times are ms."""
    if event.waited_ms is not None:
        return event.waited_ms
    # An older version did not say. A rule decides while the request is recorded, so only a person makes one wait.
    return round(ms - requested_ms, 3) if event.by == PERSON else 0.0


def finish_times(event: ev.ToolFinished, asked_ms: float) -> dict[str, float]:
    """The tool's own time and the wait before it; `asked_ms` is what the decision says, or all of the time of a
    call that was cancelled before there was one.
    """
    if event.waited_ms is not None:
        return {"duration_ms": event.duration_ms, "waited_ms": event.waited_ms}
    # In an older version the duration held the wait.
    return {"duration_ms": max(0.0, round(event.duration_ms - asked_ms, 3)), "waited_ms": asked_ms}
