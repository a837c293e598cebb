"""The time of a tool call and of the question to a person before it, also from events of older versions."""

from __future__ import annotations

from ralph.core.log import events as ev

# The value of `tool.decided.by` if a person was asked.
PERSON = "the person"


def consent_ms(event: ev.ToolDecided, requested_ms: float, ms: float) -> float:
    """Return the ms for which a person was asked before this decision; all times are ms."""
    if event.waited_ms is not None:
        return event.waited_ms
    # Older versions have no field for it. A rule decides while the request is recorded, so only a person takes time.
    return round(ms - requested_ms, 3) if event.by == PERSON else 0.0


def finish_times(event: ev.ToolFinished, asked_ms: float) -> dict[str, float]:
    """Return the tool's own time and the wait before it; `asked_ms` is from the decision, or the whole time of a call
    that was cancelled before its decision.
    """
    if event.waited_ms is not None:
        return {"duration_ms": event.duration_ms, "waited_ms": event.waited_ms}
    # In older versions the duration includes the wait.
    return {"duration_ms": max(0.0, round(event.duration_ms - asked_ms, 3)), "waited_ms": asked_ms}
