"""The message queue: each message becomes a turn, and waits while another turn runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from ralph.commands._dispatch import refusal
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.user_input import UserInput
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.pending_messages import PendingMessages, QueuedMessage
from ralph.tui.controllers.ports import Say, Work
from ralph.tui.controllers.shell_state import QueueSnapshot, ShellState

if TYPE_CHECKING:
    pass


@frozen
class QueuePorts(Data):
    """The part of the program that the message queue uses.

    `gather` reads the files that a message names, and returns the context of the message; it raises `Failure` for a
    file that cannot go along. `write_before` puts text before the text in the prompt. `to_end` goes to the end of the
    timeline and follows it. `after_turn` is awaited when a turn has ended.
    """

    gather: Callable[[QueuedMessage], Awaitable[str]]
    write_before: Callable[[str], None]
    to_end: Callable[[], None]
    work: Work
    report: Callable[[BaseException], None]
    say: Say
    after_turn: Callable[[], Awaitable[None]]


class MessageQueue:
    """A queue that sends one message at a time. Messages that are written meanwhile wait, each as its own turn.

    A command that was typed before a message runs first: the message goes to the timeline and the model that the
    command chose.
    """

    def __init__(self, shell: ShellState, ports: QueuePorts, piped: str = "") -> None:
        """`piped` is the input of a pipe. It goes along with the first message."""
        self.pending = PendingMessages(piped, self._announce)
        self._shell = shell
        self._ports = ports
        self._packing: QueuedMessage | None = None
        self._commands = 0
        self._before = 0  # the number of waiting messages that are older than the running command
        self._announce()

    def send(self, text: str, typed: str = "", pastes: tuple[tuple[int, int], ...] = ()) -> None:
        """Start a turn, now or after all waiting messages. The view goes to the end of the timeline."""
        self.pending.post(text, typed, pastes)
        self._ports.to_end()
        self.deliver()

    def hold(self) -> None:
        """Mark the beginning of a command: no message is sent before it ends."""
        if not self._commands:
            self._before = len(self.pending.waiting)
        self._commands += 1

    @property
    def held(self) -> bool:
        """Whether a command runs."""
        return self._commands > 0

    def release(self) -> None:
        """Mark the end of a command, and send the next message."""
        self._commands -= 1
        self.deliver()

    def deliver(self) -> None:
        """Send the next message if nothing runs. Files that the message names are read first."""
        open_timeline = self._shell.open_timeline
        if not open_timeline.busy and not self._commands and not self._packing and (queued := self.pending.next()):
            if "@" in queued.typed:
                self._packing = queued
                self._ports.work(partial(self._pack, queued, open_timeline))
            else:
                self._submit(queued, queued.context(), open_timeline)
        self._announce()

    @property
    def packing(self) -> bool:
        """Whether the files that a message names are being read."""
        return self._packing is not None

    async def _pack(self, queued: QueuedMessage, open_timeline: OpenTimeline) -> None:
        context = None
        try:
            context = await self._ports.gather(queued)
        except Failure as failure:
            self._ports.say(refusal(failure.message))
        except Exception as error:  # noqa: BLE001 - border: the written message is kept
            self._ports.report(error)
        if self._packing is not queued:  # the person took the message back
            return
        self._packing = None
        if context is not None and open_timeline is self._shell.open_timeline:
            self._submit(queued, context, open_timeline)
        else:
            self._return(queued)

    def _submit(self, queued: QueuedMessage, context: str, open_timeline: OpenTimeline) -> None:
        try:
            turn = open_timeline.conversation.submit(UserInput(queued.text, context, pastes=queued.pastes))
        except Failure as failure:
            self._return(queued)
            self._ports.say(refusal(failure.message))
            return
        self.follow(turn, open_timeline, queued)

    def follow(
        self, turn: asyncio.Task[None], open_timeline: OpenTimeline, queued: QueuedMessage | None = None
    ) -> None:
        """Go to a turn that has begun, wait for its end, and send the next message after it."""
        if open_timeline is self._shell.open_timeline:
            self._ports.to_end()
        began = open_timeline.conversation.timeline().last_turn
        self._ports.work(partial(self._wait_until_done, turn, open_timeline, began, queued))
        self._announce()

    async def _wait_until_done(
        self, turn: asyncio.Task[None], open_timeline: OpenTimeline, began: int, queued: QueuedMessage | None
    ) -> None:
        await asyncio.wait([turn])
        if open_timeline is not self._shell.open_timeline:
            return
        open_timeline.end_stop()
        if not turn.cancelled() and (error := turn.exception()):
            self._ports.report(error)
        await self._check_stored(open_timeline)
        if queued and open_timeline.conversation.timeline().last_turn == began:
            self._return(queued)  # the turn stopped before an event was recorded: the message is kept
        self.deliver()
        await self._ports.after_turn()

    async def _check_stored(self, open_timeline: OpenTimeline) -> None:
        """Report a failed write once. The turns after it fail with the same sentence."""
        try:
            await open_timeline.conversation.flush()
        except Failure as failure:
            if not open_timeline.unstored:
                open_timeline.unstored = True
                hint = "Nothing more is saved in this timeline; /new opens another."
                self._ports.say(f"{refusal(failure.message)}\n\n{hint}", "failed", reveal=False)

    def _return(self, queued: QueuedMessage) -> None:
        """Put a message that could not be sent back into the prompt."""
        self.pending.keep(queued)
        self._ports.write_before(queued.typed)
        self._announce()

    def take_back(self) -> str:
        """Take back the last waiting message, and return its text."""
        text = self.pending.back()
        self._announce()
        return text

    def leave(self, opened: Conversation) -> None:
        """Put the waiting messages back into the prompt, because another timeline opens.

        The attached files stay with the timeline that is left, unless the other timeline is a fork of its end.
        """
        kept = len(self.pending.waiting) - self._before if self._commands else 0
        self._ports.write_before(self.pending.all_back(kept))
        self._before = 0
        here, there = self._shell.conversation.id, opened.timeline()
        fork = there.forked_from
        if not (fork and fork.timeline == here and there.last_turn == fork.turn):
            self.pending.change_timeline(here, there.id)

    def _announce(self) -> None:
        """Tell the state which messages wait, and that a turn may have begun or ended."""
        self._shell.set_queue(QueueSnapshot(self.pending.waiting, self.pending.notes(), self.packing))

    async def stop(self) -> None:
        """Stop the running turn, and put the waiting messages back into the prompt, so that the person can think."""
        if queued := self._packing:
            self._packing = None
            self._return(queued)
        self._ports.write_before(self.pending.all_back())
        open_timeline = self._shell.open_timeline
        if open_timeline.stopping or not open_timeline.busy:
            self._announce()
            return
        await open_timeline.stop()
