"""The face of a slash command: it stays with the timeline in which the person typed the command."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any, Protocol

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command, KeyRow
from ralph.core.ports.workspace import Workspace
from ralph.tui import keys
from ralph.tui.controllers.attachments import FileAttachments
from ralph.tui.controllers.dialogs import Dialogs
from ralph.tui.controllers.key_mapping import KeyMapping
from ralph.tui.controllers.message_queue import MessageQueue
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.pending_messages import QueuedMessage
from ralph.tui.controllers.prompt_editor import PromptEditor
from ralph.tui.controllers.screens import ScreenOpener
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.feed.feed import Feed
from ralph.tui.feed.side_runs import SideRuns
from ralph.tui.themed import ThemedApp
from ralph.tui.timeline.block_view import BlockView
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.widgets.prompt import Prompt

# Words that come within this many seconds of a command answer it. Later words do not scroll the reader away.
ANSWER_S = 2.0


class SwitchTimeline(Protocol):
    """The signature of `TimelineSwitch.open`."""

    async def __call__(self, timeline: str | None, *, read_only: bool = False) -> OpenTimeline: ...


@frozen
class FacePorts(Data):
    """The part of the program that commands reach.

    `app` has the notices, the clipboard, the themes and the keymap. `switch` opens another timeline. `quit` ends the
    program.
    """

    app: ThemedApp
    shell: ShellState
    workspace: Workspace
    commands: Sequence[Command]
    clock: Clock
    feed: Feed
    view: BlockView
    prompt: Prompt
    queue: MessageQueue
    dialogs: Dialogs
    screens: ScreenOpener
    attachments: FileAttachments
    editor: PromptEditor
    keys: KeyMapping
    switch: SwitchTimeline
    quit: Callable[[], None]


class TerminalFace:
    """A `Face` for one command. Its words never appear in another timeline that was opened meanwhile."""

    def __init__(self, ports: FacePorts, open_timeline: OpenTimeline, line: str = "") -> None:
        """`line` is the command as it was typed. It stands above the words of the command."""
        self._ports = ports
        self._opened = open_timeline
        self._line = line
        self._said: Drawing | None = None
        self._began = ports.clock.monotonic()

    @property
    def conversation(self) -> Conversation:
        return self._opened.conversation

    @property
    def workspace(self) -> Workspace:
        return self._ports.workspace

    @property
    def commands(self) -> Sequence[Command]:
        return self._ports.commands

    @property
    def _here(self) -> bool:
        return self._opened is self._ports.shell.open_timeline

    @property
    def _soon(self) -> bool:
        return self._ports.clock.monotonic() - self._began <= ANSWER_S

    def say(self, text: str) -> None:
        if self._here:
            line = "" if self._ports.feed.ends_with(self._said) else self._line
            self._said = self._ports.feed.say(text, reveal=self._soon, command=line)

    async def keep(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        """Record a block. The block then has the cursor, unless the person is writing or opened another screen."""
        await self.conversation.record(title, text, data)
        if not self._here:
            return
        self._ports.feed.catch_up()
        self._ports.view.end()
        if not self._ports.prompt.text and len(self._ports.app.screen_stack) == 1:
            self._ports.view.enter()

    def result(self, data: Any) -> None:
        """Ignore the data: `say` shows the result on a screen."""

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return await self._ports.dialogs.choose(title, options)

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        return await self._ports.dialogs.ask(question, answers)

    async def ask_key(self, title: str, note: str) -> str | None:
        return await self._ports.dialogs.ask_key(title, note)

    async def switch(self, timeline: str | None, *, read_only: bool = False) -> Conversation:
        """Return the conversation that is open then. Raise `Failure` if another timeline was opened meanwhile."""
        if not self._here:
            self._ports.app.notify("another timeline was opened meanwhile, so nothing was started")
            raise Failure(Kind.BUSY, "another timeline was opened meanwhile, so nothing was started")
        self._opened = await self._ports.switch(timeline, read_only=read_only)
        return self._opened.conversation

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        return await self._ports.screens.show(screen, **arguments)

    def follow(self, turn: asyncio.Task[None]) -> None:
        self._ports.queue.follow(turn, self._opened)

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        with self._opened.beside(conversations), self._rows(conversations):
            yield

    def _rows(self, conversations: Sequence[Conversation]) -> AbstractContextManager[object]:
        """Draw the progress of the conversations that run beside this one."""
        if not self._here:
            return nullcontext()
        return closing(SideRuns(self._ports.view, self._ports.clock, conversations))

    def write(self, text: str) -> None:
        self._ports.prompt.write(text)

    async def edit(self, text: str = "") -> None:
        await self._ports.editor.edit(text)

    async def enclose(self, path: str) -> str:
        made = await self._ports.attachments.read(path)
        self._ports.queue.pending.attach(made)
        return f"{made.path}, {made.size}"

    def list_enclosed(self) -> Sequence[str]:
        return [f"{e.path}, {e.size}" for e in self._ports.queue.pending.attached]

    def drop_enclosed(self) -> None:
        self._ports.queue.pending.drop()

    async def context(self, message: str) -> str:
        pending = self._ports.queue.pending
        queued = QueuedMessage(message, message, *pending.take())
        try:
            return await self._ports.attachments.gather(queued)
        except Failure:  # no message was sent: the prompt and the attached files are kept
            pending.keep(queued)
            self._ports.prompt.add_before(self._line)
            raise

    async def paths_like(self, part: str) -> Sequence[str]:
        return await asyncio.to_thread(self._ports.attachments.find_paths, part)

    def copy(self, text: str) -> bool:
        """Send the text with OSC 52. The terminal may refuse it silently."""
        self._ports.app.copy_to_clipboard(text)
        return True

    def themes(self) -> Sequence[str]:
        return self._ports.app.themes()

    def use_theme(self, theme: str) -> None:
        self._ports.app.use_theme(theme)

    def quit(self) -> None:
        self._ports.quit()

    def key_help(self) -> Sequence[tuple[str, str]]:
        return keys.help_rows(self._ports.app)

    def key_rows(self) -> Sequence[KeyRow]:
        return self._ports.keys.rows()
