"""Replay shows what was recorded when it was recorded, and writes nothing."""

from __future__ import annotations

import asyncio

from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.timeline import fold
from ralph.session.replay import replay
from tests.frozen import FrozenClock
from tests.store.logs import AT

CHUNKS = tuple((n * 60, f"w{n} ") for n in range(1, 11))


def log() -> list[Envelope]:
    """One turn whose format block began at 40 ms, stored in deltas that came later than their chunks."""
    steps: list[tuple[float, ev.Event]] = [
        (0.0, ev.TurnStarted("hi")),
        (40.0, ev.BlockStarted("1.4", "format")),
        (400.0, ev.BlockDelta("1.4", "text", CHUNKS[:5])),
        (690.0, ev.BlockDelta("1.4", "text", CHUNKS[5:])),
        (700.0, ev.BlockFinished("1.4", "ok", text="".join(t for _, t in CHUNKS))),
        (701.0, ev.TurnFinished("ok", "".join(t for _, t in CHUNKS))),
    ]
    return [Envelope("k3f9w2m7qd", n, 1, AT, ms, event) for n, (ms, event) in enumerate(steps, start=1)]


class Watch:
    """Notes when each thing was shown."""

    def __init__(self) -> None:
        self.began = asyncio.get_running_loop().time()
        self.chunks: list[tuple[float, str]] = []
        self.events: list[Envelope] = []

    def event(self, envelope: Envelope) -> None:
        self.events.append(envelope)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        self.chunks.append(((asyncio.get_running_loop().time() - self.began) * 1000, text))


async def test_each_delta_comes_at_its_recorded_time() -> None:
    watch = Watch()
    await replay(log(), watch, speed=1.0)
    assert [text for _, text in watch.chunks] == [text for _, text in CHUNKS]
    late = sorted(at - (40 + ms) for (at, _), (ms, _) in zip(watch.chunks, CHUNKS, strict=True))
    assert late[0] >= -2
    # 50 ms is the promise; the median keeps a busy machine's one stall from failing it.
    assert late[len(late) // 2] < 50
    assert watch.events == log()
    assert fold("k3f9w2m7qd", watch.events) == fold("k3f9w2m7qd", log())


async def test_as_fast_as_can_be_shows_the_same() -> None:
    watch = Watch()
    await replay(log(), watch, speed=None)
    assert [text for _, text in watch.chunks] == [text for _, text in CHUNKS]


async def test_waits_are_cut_to_the_cap_and_speed_divides_what_is_left() -> None:
    slow = [*log()]
    slow[4:] = [Envelope(e.timeline, e.seq, 1, AT, e.ms + 60_000, e.event) for e in slow[4:]]
    for speed, cap, expected in ((1.0, 3.0, 3.691), (2.0, 3.0, 3.691 / 2), (1.0, None, 60.701), (None, None, 0.0)):
        clock = FrozenClock()
        await replay(slow, Watch(), speed, idle_cap_s=cap, clock=clock)
        assert abs(clock.passed - expected) < 0.02, (speed, cap)
