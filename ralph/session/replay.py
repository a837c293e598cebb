"""Replay: stored envelopes fed to views at their stored times; nothing is written and nothing is billed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from ralph.core import events as ev
from ralph.core.envelope import Envelope
from ralph.core.view import View

# Between turns the person thought or slept; nobody wants to watch that.
GAP_S = 0.5


def schedule(envelopes: Sequence[Envelope], view: View) -> Iterator[tuple[float, Callable[[], None]]]:
    """What is to be shown when: (ms since its turn began, the showing), in order of time, turn by turn."""
    starts: dict[str, float] = {}
    plan: list[tuple[float, Callable[[], None]]] = []
    for envelope in envelopes:
        event = envelope.event
        if isinstance(event, ev.BlockStarted):
            starts[event.block] = envelope.ms
        if isinstance(event, ev.BlockDelta):
            began = starts.get(event.block, 0.0)
            plan += [(began + ms, _chunk(view, event, ms, text)) for ms, text in event.chunks]
        plan.append((envelope.ms, _event(view, envelope)))
    plan.sort(key=lambda item: item[0])
    return iter(plan)


def _chunk(view: View, event: ev.BlockDelta, ms: float, text: str) -> Callable[[], None]:
    return lambda: view.chunk(event.block, event.channel, ms, text)


def _event(view: View, envelope: Envelope) -> Callable[[], None]:
    return lambda: view.event(envelope)


async def replay(envelopes: Sequence[Envelope], view: View, speed: float | None = 1.0) -> None:
    """Show these events as they happened, `speed` times as fast; None is as fast as can be."""
    loop = asyncio.get_running_loop()
    for _, turn in groupby(envelopes, key=lambda e: e.turn):
        began = loop.time()
        for ms, show in schedule(list(turn), view):
            if speed:
                wait = began + ms / 1000 / speed - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
            show()
        if speed:
            await asyncio.sleep(GAP_S / speed)
