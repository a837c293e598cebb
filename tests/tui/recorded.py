"""Scripts of turns as a store would give them back: numbered, with their deltas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ralph.core.clock import stamp
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from tests.tui.play import START, Gate, Say, Step


def recorded(*turns: Iterable[Step], name: str = "k3f9w2m7qd", apart_s: float = 60.0) -> list[Envelope]:
    """Turns that begin `apart_s` apart; each live piece is a delta of its own, stored 40 ms after it came."""
    made = [Envelope(name, 1, 0, stamp(START), 0.0, ev.TimelineOpened("README questions"))]

    def add(number: int, ms: float, event: ev.Event) -> None:
        at = stamp(START + timedelta(seconds=number * apart_s + ms / 1000))
        made.append(Envelope(name, len(made) + 1, number, at, ms, event))

    for number, steps in enumerate(turns, start=1):
        starts: dict[str, float] = {}
        for ms, step in sorted((s for s in steps if not isinstance(s[1], Gate)), key=lambda s: s[0]):
            if isinstance(step, Say):
                add(number, ms, ev.BlockDelta(step.block, step.channel, ((int(ms - starts[step.block]), step.text),)))
            elif not isinstance(step, Gate):
                if isinstance(step, ev.BlockStarted):
                    starts[step.block] = ms
                add(number, ms, step)
    return made
