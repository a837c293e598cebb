"""What a slash command may do to the screen; it stays with the timeline that the command was typed into."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from typing import TYPE_CHECKING, Any

from ralph.core.errors import Failure, Kind
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command, KeyRow
from ralph.core.ports.workspace import Workspace
from ralph.tui import keys
from ralph.tui.controllers.message_queue import QueuedMessage
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.feed.side_runs import SideRuns
from ralph.tui.timeline.item_list import Drawing

if TYPE_CHECKING:
    from ralph.tui.app import RalphApp

# Words that come sooner than this after a command answer it; later ones do not take a reader from where they are.
ANSWER_S = 2.0


class TerminalFace:
    """A `Face` for one command: what it has to say is not said into another timeline that was opened meanwhile."""

    def __init__(self, app: RalphApp, open_timeline: OpenTimeline, line: str = "") -> None:
        """`line`: the command as it was typed, which stands above what it says."""
        self._app = app
        self._opened = open_timeline
        self._line = line
        self._said: Drawing | None = None
        self._began = app.clock.monotonic()

    @property
    def conversation(self) -> Conversation:
        return self._opened.conversation

    @property
    def workspace(self) -> Workspace:
        return self._app.workspace

    @property
    def commands(self) -> Sequence[Command]:
        return self._app.commands

    @property
    def _here(self) -> bool:
        return self._opened is self._app.open_timeline

    @property
    def _soon(self) -> bool:
        return self._app.clock.monotonic() - self._began <= ANSWER_S

    def say(self, text: str) -> None:
        if self._here:
            line = "" if self._app.feed.ends_with(self._said) else self._line
            self._said = self._app.feed.say(text, reveal=self._soon, command=line)

    def result(self, data: Any) -> None:
        """The words say it."""

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return await self._app.dialogs.choose(title, options)

    async def switch(self, timeline: str | None) -> Conversation:
        """The one that is open then. Raises `Failure` where the person has gone elsewhere meanwhile."""
        if not self._here:
            self._app.notify("another timeline was opened meanwhile, so nothing was begun")
            raise Failure(Kind.BUSY, "another timeline was opened meanwhile, so nothing was begun")
        self._opened = await self._app.open(timeline)
        return self._opened.conversation

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        """A screen is a module of `screens` that has a `screen(app, **arguments)`; loaded when it is wanted.

        One that is open already is not opened over itself.
        """
        try:
            module = importlib.import_module(f"ralph.tui.screens.{screen}")
        except ModuleNotFoundError:
            return False
        if type(self._app.screen).__module__ != module.__name__:
            self._app.push_screen(module.screen(self._app, **arguments))
        return True

    def follow(self, turn: asyncio.Task[None]) -> None:
        self._app.message_queue.follow(turn, self._opened)
        if self._here:
            self._app.view.end()

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        try:
            with self._opened.beside(conversations), self._rows(conversations):
                self._app.status_lines.hint()
                yield
        finally:
            self._opened.stopping = False
            self._app.status_lines.hint()

    def _rows(self, conversations: Sequence[Conversation]) -> AbstractContextManager[object]:
        """What they have done so far, for the person who waits for them."""
        if not self._here:
            return nullcontext()
        return closing(SideRuns(self._app.view, self._app.clock, conversations, reveal=self._soon))

    def write(self, text: str) -> None:
        self._app.prompt.write(text)

    async def edit(self, text: str = "") -> None:
        await self._app.writer.edit(text)

    async def enclose(self, path: str) -> str:
        return await self._app.writer.enclose(path)

    def enclosed(self) -> Sequence[str]:
        return self._app.writer.enclosed()

    def drop_enclosed(self) -> None:
        self._app.writer.drop_enclosed()

    async def context(self, message: str) -> str:
        pending = self._app.message_queue.pending
        queued = QueuedMessage(message, message, *pending.taken())
        return await self._app.writer.gather(queued)

    async def paths_like(self, part: str) -> Sequence[str]:
        return await asyncio.to_thread(self._app.writer.find_paths, part)

    def copy(self, text: str) -> bool:
        """OSC 52: the terminal may refuse without a word."""
        self._app.copy_to_clipboard(text)
        return True

    def themes(self) -> Sequence[str]:
        return self._app.themes()

    def use_theme(self, theme: str) -> None:
        self._app.use_theme(theme)

    def quit(self) -> None:
        self._app.quit()

    def key_help(self) -> Sequence[tuple[str, str]]:
        return keys.help_rows(self._app)

    def key_rows(self) -> Sequence[KeyRow]:
        return self._app.key_mapping.rows()
