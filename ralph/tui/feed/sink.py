"""Where events and live pieces wait for the next frame: a view that never holds up the turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ralph.core.llm.request import Channel
from ralph.core.log.envelope import Envelope
from ralph.core.log.events import BlockDelta


class Chunk(NamedTuple):
    """A live piece of a block."""

    block: str
    channel: Channel
    text: str


class Sink:
    """Two appends and a wake-up; nothing is posted or drawn here. Stored deltas repeat what the chunks brought, so
    only those that start a channel anew are kept."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._items: list[Envelope | Chunk] = []

    @property
    def waiting(self) -> bool:
        return bool(self._items)

    def event(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, BlockDelta) and not envelope.event.restart:
            return
        self._items.append(envelope)
        self._wake()

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        self._items.append(Chunk(block, channel, text))
        self._wake()

    def drain(self) -> list[Envelope | Chunk]:
        """What came since the last time, in order."""
        waiting, self._items = self._items, []
        return waiting
