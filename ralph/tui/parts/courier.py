"""What sends: message after message, each as a turn, and what waits while one runs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ralph.commands._dispatch import refusal
from ralph.core.errors import Failure
from ralph.tui.parts.outbox import Letter, Outbox
from ralph.tui.parts.sitting import Sitting

if TYPE_CHECKING:
    from ralph.tui.app import RalphApp


class Courier:
    """One turn at a time; whatever is written meanwhile waits, each message by itself.

    A command that was typed before a message is done before it: the message goes to the timeline and the model that
    the command leaves behind.
    """

    def __init__(self, app: RalphApp, outbox: Outbox) -> None:
        self._app = app
        self.outbox = outbox
        self._packing: Letter | None = None
        self._commands = 0
        self._before = 0  # so many of those that wait were sent before the command that runs

    def send(self, text: str, typed: str = "") -> None:
        """Start a turn, now or after all that waits."""
        self.outbox.post(text, typed)
        self.deliver()

    def hold(self) -> None:
        """A command begins: nothing is sent before it has ended."""
        if not self._commands:
            self._before = len(self.outbox.waiting)
        self._commands += 1

    @property
    def held(self) -> bool:
        """A command runs."""
        return self._commands > 0

    def release(self) -> None:
        """It has ended."""
        self._commands -= 1
        self.deliver()

    def deliver(self) -> None:
        """The next letter, if nothing runs. One that names files is sent when they were read."""
        sitting = self._app.sitting
        if not sitting.busy and not self._commands and not self._packing and (letter := self.outbox.next()):
            if "@" in letter.typed:
                self._packing = letter
                self._app.work(partial(self._pack, letter, sitting))
            else:
                self._submit(letter, letter.context(), sitting)
        self._app.margins.hint()

    @property
    def packing(self) -> bool:
        """The files that a message names are being read."""
        return self._packing is not None

    async def _pack(self, letter: Letter, sitting: Sitting) -> None:
        context = None
        try:
            context = await self._app.writer.gather(letter)
        except Exception as error:  # noqa: BLE001 - border: nothing that was written is lost
            self._app.report(error)
        if self._packing is not letter:  # it was taken back
            return
        self._packing = None
        if context is not None and sitting is self._app.sitting:
            self._submit(letter, context, sitting)
        else:
            self._return(letter)

    def _submit(self, letter: Letter, context: str, sitting: Sitting) -> None:
        try:
            turn = sitting.conversation.submit(letter.text, context)
        except Failure as failure:
            self._return(letter)
            self._app.say(refusal(failure.message))
            return
        self.follow(turn, sitting, letter)

    def follow(self, turn: asyncio.Task[None], sitting: Sitting, letter: Letter | None = None) -> None:
        """A turn has begun: it is waited for, and the next letter is sent after it."""
        began = sitting.conversation.timeline().last_turn
        self._app.work(partial(self._until_done, turn, sitting, began, letter))
        self._app.margins.hint()

    async def _until_done(self, turn: asyncio.Task[None], sitting: Sitting, began: int, letter: Letter | None) -> None:
        await asyncio.wait([turn])
        if sitting is not self._app.sitting:
            return
        sitting.stopping = False
        if not turn.cancelled() and (error := turn.exception()):
            self._app.report(error)
        await self._check_stored(sitting)
        if letter and sitting.conversation.timeline().last_turn == began:
            self._return(letter)  # it was stopped before anything was recorded: nothing that was written is lost
        self.deliver()
        await self._app.margins.count(full=True)

    async def _check_stored(self, sitting: Sitting) -> None:
        """What a person sees and is not stored is told, once: the turns after it fail with the same sentence."""
        try:
            await sitting.conversation.stored()
        except Failure as failure:
            if not sitting.unstored:
                sitting.unstored = True
                hint = "Nothing more is kept in this timeline; /new opens another."
                self._app.feed.say(f"{refusal(failure.message)}\n\n{hint}", "failed", reveal=False)

    def _return(self, letter: Letter) -> None:
        """It could not be sent: back into the prompt."""
        self.outbox.keep(letter)
        self._app.prompt.add_before(letter.typed)
        self._app.margins.hint()

    def take_back(self) -> str:
        """The last one that waits, to be written anew."""
        text = self.outbox.back()
        self._app.margins.hint()
        return text

    def leave(self) -> None:
        """Another timeline is opened: what waited for the old one goes back to the prompt."""
        kept = len(self.outbox.waiting) - self._before if self._commands else 0
        self._app.prompt.add_before(self.outbox.all_back(kept))
        self._before = 0

    async def stop(self) -> None:
        """What waited to be sent goes back to the prompt: a person who stops wants to think."""
        if letter := self._packing:
            self._packing = None
            self._return(letter)
        self._app.prompt.add_before(self.outbox.all_back())
        sitting = self._app.sitting
        if sitting.stopping or not sitting.busy:
            self._app.margins.hint()
            return
        stopping = sitting.stop()
        self._app.margins.hint()
        await stopping
