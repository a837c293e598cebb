"""Whoever reads what is recorded, as it is recorded."""

from __future__ import annotations

from typing import Protocol

from ralph.core.data import Data, frozen
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


class StoredListener(Protocol):
    """A reader of what is stored, by another package or another room. It is called in the event loop, so it is quick.

    It may have a `chunk` as an `EventListener` has one.
    """

    def event(self, envelope: Envelope) -> None:
        """An event after it was stored, each exactly once, in order."""
        ...


@frozen
class NamedListener(Data):
    """A listener with the name by which a failure of it is told."""

    name: str
    listener: StoredListener
