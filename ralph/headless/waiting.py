"""Prints the waits of a run without a screen to stderr: the cause, the length and the end."""

from __future__ import annotations

import math
from typing import TextIO

from ralph.core import formatting
from ralph.core.clock import moment
from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.envelope import Envelope

# Seconds. A shorter wait is over before its line is read.
LEAST_S = 1.0
_CAUSES = {
    "limited": "for room: the provider or `limits:` lets no more through now",
    "queued": "in the provider's queue",
    "loading": "for the model, which is being loaded",
    "breaker": "for a provider that is paused after failures",
    "retry": "before the next try",
    "person": "for you",
}


class WaitingView:
    """Prints a line for each wait, as it begins."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._failed: dict[str, str] = {}

    def event(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, ev.AttemptFinished) and event.error:
            self._failed[ids.block_of(event.attempt)] = event.error.message
        elif isinstance(event, ev.AttemptWaiting):
            self._tell(event, envelope.at)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore pieces, since no piece is a wait."""

    def _tell(self, event: ev.AttemptWaiting, at: str) -> None:
        seconds = math.inf
        span = ""
        if event.until:
            now, until = moment(at), moment(event.until)
            seconds = (until - now).total_seconds()
            span = (
                f" {formatting.span(seconds)}, until {formatting.clock_time(until, now)}," if seconds >= LEAST_S else ""
            )
        if seconds < LEAST_S:
            return
        why = self._failed.get(event.block, "") if event.cause == "retry" else ""
        told = f": {why}" if why else ""
        print(f"ralph: waiting{span} {_CAUSES[event.cause]}{told}", file=self._err, flush=True)
