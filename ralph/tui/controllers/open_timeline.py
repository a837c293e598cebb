"""A timeline that is open on the screen, and all that ends with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence

from ralph.core.log.listener import EventListener
from ralph.core.ports.conversation import Conversation


class OpenTimeline:
    """From the opening of a timeline until another is opened in its place.

    `changed` is called when it begins or ends to stop, and when conversations begin or end beside it.
    """

    def __init__(self, conversation: Conversation, changed: Callable[[], None], listener: EventListener) -> None:
        """`listener` hears every conversation that runs here."""
        self.conversation = conversation
        self._listener = listener
        conversation.attach(listener)
        self.unstored = False  # told that what comes is not kept
        self._changed = changed
        self._stopping = False
        self._beside: list[Conversation] = []

    @property
    def busy(self) -> bool:
        """A turn runs, here or beside."""
        return bool(self._running)

    @property
    def stopping(self) -> bool:
        """What runs was cancelled and has not ended."""
        return self._stopping

    @property
    def _running(self) -> list[Conversation]:
        return [c for c in (self.conversation, *self._beside) if c.busy]

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        """While this is open these run too, out of sight: what stops a turn stops them."""
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
        """Cancel what runs, and wait until it has ended."""
        running = self._running
        self._stopping = self._stopping or bool(running)
        self._changed()
        if running:
            await asyncio.gather(*(conversation.stop() for conversation in running))

    def end_stop(self) -> None:
        """Nothing runs any more that was to be stopped."""
        self._stopping = False
        self._changed()

    async def close(self) -> None:
        """What runs beside is stopped; whoever began it closes it. Raises `StoreFailure`."""
        await asyncio.gather(*(conversation.stop() for conversation in self._beside))
        await self.conversation.close()
