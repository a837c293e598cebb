"""An app that sends: message after message, each as a turn, and what waits while one runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

from ralph.commands._dispatch import is_command, verbatim
from ralph.core.errors import Failure
from ralph.core.workspace import Conversation
from ralph.tui.outbox import Letter
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.writing import WritingApp


class SendingApp(WritingApp):
    """One turn at a time; whatever is written meanwhile waits, each message by itself."""

    _stopping = False
    _packing = False
    _beside: tuple[Conversation, ...] = ()

    # What the whole app has.
    say: Callable[[str], None]
    action_command: Callable[[str], None]
    _count: Callable[..., Coroutine[Any, Any, None]]

    @property
    def busy(self) -> bool:
        """A turn runs, here or beside."""
        return any(c.busy for c in (self.conversation, *self._beside))

    # A part of the Face.

    def follow(self, turn: asyncio.Task[None]) -> None:
        self.view.end()
        self._work(partial(self._until_done, turn))
        self.show_hint()

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        self._beside = tuple(conversations)
        self.show_hint()
        try:
            yield
        finally:
            self._beside, self._stopping = (), False
            self._deliver()

    def on_prompt_sent(self, event: Prompt.Sent) -> None:
        self.keep_prompt(event.typed, self.conversation.id)
        if is_command(event.text):
            self.action_command(event.text)
        else:
            self.send(event.text, event.typed)

    def send(self, text: str, typed: str = "") -> None:
        """Start a turn, now or after all that waits."""
        self.outbox.post(text, typed)
        self._deliver()

    def _deliver(self) -> None:
        """The next letter, if nothing runs. One that names files is sent when they were read."""
        if not self.busy and not self._packing and (letter := self.outbox.next()):
            if "@" in letter.typed:
                self._packing = True
                self._work(partial(self._pack, letter))
            else:
                self._submit(letter, letter.context())
        self.show_hint()

    async def _pack(self, letter: Letter) -> None:
        conversation = self.conversation
        try:
            context = await self.gather(letter)
        finally:
            self._packing = False
        if conversation is self.conversation:
            self._submit(letter, context)
        else:
            self._return(letter)

    def _submit(self, letter: Letter, context: str) -> None:
        try:
            turn = self.conversation.submit(letter.text, context)
        except Failure as failure:
            self._return(letter)
            self.say(f"**{failure.kind.value}:** {verbatim(failure.message)}")
            return
        self.follow(turn)

    def _return(self, letter: Letter) -> None:
        """It could not be sent: back into the prompt."""
        self.outbox.keep(letter)
        self.prompt.add_before(letter.typed)
        self.show_hint()

    def _take_back(self) -> str:
        text = self.outbox.back()
        self.show_hint()
        return text

    async def _until_done(self, turn: asyncio.Task[None]) -> None:
        conversation = self.conversation
        await asyncio.wait([turn])
        if conversation is not self.conversation:
            return
        self._stopping = False
        if not turn.cancelled() and (error := turn.exception()):
            self.report(error)
        self._deliver()
        await self._count(full=True)

    async def _stop(self) -> None:
        """What waited to be sent goes back to the prompt: a person who stops wants to think."""
        self.prompt.add_before(self.outbox.all_back())
        running = [c for c in (self.conversation, *self._beside) if c.busy]
        if self._stopping or not running:
            self.show_hint()
            return
        self._stopping = True
        self.show_hint()
        for conversation in running:
            await conversation.stop()
