"""A face without a screen and without a person, for a slash command on the command line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ralph import registry
from ralph.core.errors import Failure, Kind
from ralph.core.log.codec import plain
from ralph.core.log.events import Event
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command, KeyRow
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line
from ralph.headless.changes import Changes
from ralph.headless.said_words import SaidWords
from ralph.headless.shown_turn import ShownTurn


class PlainFace:
    """A `Face` for one command. It prints plain markdown, and shows turns as `ralph -p` does.

    `followed` is the turn that the command started; `ran` are the conversations that it ran beside this one. `went`:
    the command has switched to another timeline.
    """

    def __init__(
        self,
        workspace: Workspace,
        conversation: Conversation,
        command: Command,
        words: SaidWords,
        turn: ShownTurn,
        context: str = "",
        *,
        yes: bool = False,
    ) -> None:
        """`context` is the text of a pipe. `yes` answers each question with its yes."""
        self.workspace = workspace
        self.conversation = conversation
        self.commands: Sequence[Command] = registry.Offers("commands")
        self.data: Any = None
        self.followed: asyncio.Task[None] | None = None
        self.ran: Sequence[Conversation] = ()
        self.went = False
        self._command = command
        self._words = words
        self._turn = turn
        self._context = context
        self._yes = yes
        self._heard = Changes()
        self._attach()

    def _attach(self) -> None:
        self._turn.attach(self.conversation)
        self.conversation.attach(self._heard)

    @property
    def changes(self) -> Sequence[Event]:
        """Return the changes recorded beside turns: other models, another title."""
        return self._heard.events

    def say(self, text: str) -> None:
        self._words.say(text)

    async def keep(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        await self.conversation.record(title, text, data)
        self.say(text)

    def result(self, data: Any) -> None:
        self.data = plain(data)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Print the numbered options and choose none."""
        rows = [
            f"{n}. {line(label)}" + ("" if value in label else f" · `{value}`")
            for n, (value, label) in enumerate(options, 1)
        ]
        self._words.say(f"{title}\n\n" + "\n".join(rows))
        if self.data is None:
            self.data = {"choices": [{"value": value, "label": label} for value, label in options]}
        if getattr(self._command, "lists", False):
            return None
        raise Failure(
            Kind.USAGE,
            f"/{self._command.name} asks for a choice, which needs a screen; nothing was changed",
        )

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        if self._yes and len(answers) == 2:
            return answers[0][0]
        return await self.choose(question, answers)

    async def ask_key(self, title: str, note: str) -> str | None:
        raise Failure(Kind.USAGE, "a key is entered on the screen; here write  ralph keys set PROVIDER")

    async def switch(self, timeline: str | None, *, read_only: bool = False) -> Conversation:
        """Switch after closing the open timeline, so that everything in it is stored."""
        self.went = True
        name = None if timeline is None else await self.workspace.timelines.resolve(timeline)
        if name == self.conversation.id:
            return self.conversation
        await self.conversation.close()
        self.conversation = await self.workspace.timelines.open(name, read_only=read_only)
        self._attach()
        return self.conversation

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        """Return False, since there is no screen; a replay is played as plain lines."""
        if screen != "replay":
            return False
        await self._words.play(arguments["envelopes"])
        return True

    def follow(self, turn: asyncio.Task[None]) -> None:
        self._words.as_progress()
        self.followed = turn

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        self._words.as_progress()
        self.ran = tuple(conversations)
        for one in conversations:
            self._turn.attach_beside(one)
        with self._turn.stopping(conversations):
            yield

    def write(self, text: str) -> None:
        """Print the text, since there is no prompt to put it into."""
        self._words.say(text)

    async def edit(self, text: str = "") -> None:
        raise self._needs_screen()

    async def enclose(self, path: str) -> str:
        raise self._needs_screen()

    def list_enclosed(self) -> Sequence[str]:
        return ()

    def drop_enclosed(self) -> None:
        """Do nothing, since nothing is attached."""

    async def context(self, message: str) -> str:
        return self._context

    async def paths_like(self, part: str) -> Sequence[str]:
        return ()

    def copy(self, text: str) -> bool:
        return False

    def themes(self) -> Sequence[str]:
        return ()

    def use_theme(self, theme: str) -> None:
        raise self._needs_screen()

    def quit(self) -> None:
        """Do nothing, since the process ends by itself."""

    def key_help(self) -> Sequence[tuple[str, str]]:
        return ()

    def key_rows(self) -> Sequence[KeyRow]:
        return ()

    def _needs_screen(self) -> Failure:
        return needs_screen(self._command)


def needs_screen(command: Command) -> Failure:
    return Failure(Kind.USAGE, f"/{command.name} needs a screen; start ralph and type it there")
