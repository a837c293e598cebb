"""Whoever reads what is recorded, as it is recorded."""

from __future__ import annotations

from typing import Protocol

from ralph.core.llm.request import Channel
from ralph.core.log.envelope import Envelope


class EventListener(Protocol):
    """A reader of what is recorded. It never holds up the turn: both calls are quick and synchronous."""

    def event(self, envelope: Envelope) -> None:
        """A stored event, each exactly once, in order (block.delta too)."""
        ...

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """A live piece of a block at once, unnumbered; the same text comes again in `block.delta` events."""
        ...
