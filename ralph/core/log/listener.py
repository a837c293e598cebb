"""Protocols for readers of events as they are recorded."""

from __future__ import annotations

from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.llm.request import Channel
from ralph.core.log.envelope import Envelope


class EventListener(Protocol):
    """A reader of recorded events. Both methods must be fast and synchronous, because the turn waits for them."""

    def event(self, envelope: Envelope) -> None:
        """Receive a stored event, each exactly once, in order (block.delta too)."""
        ...

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Receive a live piece of a block at once, unnumbered; the same text follows in `block.delta` events."""
        ...


class StoredListener(Protocol):
    """A reader of stored events in another package or module. It runs in the event loop, so it must be fast.

    It may have a `chunk` method like `EventListener`.
    """

    def event(self, envelope: Envelope) -> None:
        """Receive an event after it was stored, each exactly once, in order."""
        ...


@frozen
class NamedListener(Data):
    """A listener, and its name for reports of its failures."""

    name: str
    listener: StoredListener
