"""The timeline that is open on the screen, and everything that closes with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence

from ralph.core.log.listener import EventListener
from ralph.core.ports.conversation import Conversation


class OpenTimeline:
    """A conversation on the screen, until another timeline is opened in its place.

    `changed` is called when a stop begins or ends, and when conversations begin or end beside this one.
    """

    def __init__(self, conversation: Conversation, changed: Callable[[], None], listener: EventListener) -> None:
        """`listener` receives the events of every conversation that runs here."""
        self.conversation = conversation
        self._listener = listener
        conversation.attach(listener)
        self.unstored = False  # whether a notice said that new events are not stored
        self._changed = changed
        self._stopping = False
        self._beside: list[Conversation] = []

    @property
    def busy(self) -> bool:
        """Whether a turn runs, in this conversation or in one beside it."""
        return bool(self._running)

    @property
    def stopping(self) -> bool:
        """Whether the running turns were cancelled and have not ended."""
        return self._stopping

    @property
    def _running(self) -> list[Conversation]:
        return [c for c in (self.conversation, *self._beside) if c.busy]

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        """Run other conversations out of sight while this context is open. A stop of the turn stops them too."""
        self._beside += conversations
        for conversation in conversations:
            conversation.attach(self._listener)
        try:
            self._changed()
            yield
        finally:
            self._beside = [c for c in self._beside if c not in conversations]
            self.end_stop()

    async def stop(self) -> None:
        """Cancel all running turns, and wait until they have ended."""
        running = self._running
        self._stopping = self._stopping or bool(running)
        self._changed()
        if running:
            await asyncio.gather(*(conversation.stop() for conversation in running))

    def end_stop(self) -> None:
        """Mark the end of the stop: no cancelled turn runs any more."""
        self._stopping = False
        self._changed()

    async def close(self) -> None:
        """Close this conversation, and stop those beside; their callers close them. Raise `StoreFailure`."""
        await asyncio.gather(*(conversation.stop() for conversation in self._beside))
        await self.conversation.close()
