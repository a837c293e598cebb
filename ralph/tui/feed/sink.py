"""The sink: events and live pieces wait in it for the next frame, so a view never holds up the turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ralph.core.llm.request import Channel
from ralph.core.log.envelope import Envelope
from ralph.core.log.events import AttemptFinished, BlockDelta, BlockFinished


class Chunk(NamedTuple):
    """A live piece of the text of a block."""

    block: str
    channel: Channel
    text: str


class Sink:
    """A collector of events and pieces: two appends and a wake-up. It posts and draws nothing.

    Stored deltas repeat the chunks, so the sink keeps only those that restart a channel. `hurry` is called once a text
    is complete: its end need not wait for the next frame.
    """

    def __init__(self, wake: Callable[[], None], hurry: Callable[[], None] = lambda: None) -> None:
        self._wake = wake
        self._hurry = hurry
        self._items: list[Envelope | Chunk] = []

    @property
    def waiting(self) -> bool:
        return bool(self._items)

    def event(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, BlockDelta) and not envelope.event.restart:
            return
        self._items.append(envelope)
        self._wake()
        if isinstance(envelope.event, AttemptFinished | BlockFinished) and self.texts:
            self._hurry()

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        self._items.append(Chunk(block, channel, text))
        self._wake()

    @property
    def texts(self) -> int:
        """The number of items up to the last piece of text."""
        items = self._items
        return next((n for n in range(len(items), 0, -1) if isinstance(items[n - 1], Chunk)), 0)

    def drain_frame(self) -> list[Envelope | Chunk]:
        """Return and remove the items of one frame: everything up to the last piece of text, or else everything.

        Events behind a text may end the turn, and drawing that takes longer than painting the text.
        """
        until = self.texts or len(self._items)
        taken, self._items = self._items[:until], self._items[until:]
        return taken

    def drain(self) -> list[Envelope | Chunk]:
        """Return and remove everything that came since the last call, in order."""
        waiting, self._items = self._items, []
        return waiting
