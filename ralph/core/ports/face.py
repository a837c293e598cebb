"""What the rest of the house may ask of a face: to ask a person, and to be driven by a command."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Any, Protocol

from ralph.core.data import Data, frozen
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace


@frozen
class Consent(Data):
    """A tool call that needs a person's yes. `preview` is what the tool says that it would do; empty for nothing."""

    call: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    effect: str = "unknown"
    preview: str = ""


@frozen
class KeyRow(Data):
    """An action that keys can be mapped to. `where`: the screen it belongs to; `mapped`: the config says so."""

    id: str
    keys: str
    what: str
    where: str = ""
    mapped: bool = False


@frozen
class Named(Data):
    """What an argument could become, where that says little by itself: a timeline's id, shown by its title."""

    value: str
    label: str
    note: str = ""


class Asker(Protocol):
    """Whoever can be asked for consent; a face without a person denies."""

    async def allow(self, consent: Consent) -> bool: ...

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """A question with two or three answers, each (value, what it does); None for no answer."""
        ...


class Face(Protocol):
    """What a slash command may do to the face that it was typed into."""

    @property
    def conversation(self) -> Conversation:
        """The one that the command was typed into, whatever else the person opens meanwhile."""
        ...

    @property
    def workspace(self) -> Workspace: ...

    @property
    def commands(self) -> Sequence[Command]: ...

    def say(self, text: str) -> None:
        """Show markdown that is no part of the timeline: an answer of ralph itself."""
        ...

    async def keep(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        """Record this in the conversation (`Conversation.record`) and show it: a screen its block, other faces its
        markdown."""
        ...

    def result(self, data: Any) -> None:
        """What the command found or did, as data, for a face that a program reads; a screen shows the words only."""
        ...

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Let the person pick one of (value, label); None if they would not. Raises `Failure(USAGE)` where nobody is
        there to pick, unless the options are all that the command was asked for (`Command.lists`)."""
        ...

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        """A question with two or three answers, each (value, what it does): of two, the yes and the no. None for no
        answer. Raises `Failure(USAGE)` where nobody is there to answer."""
        ...

    async def ask_key(self, title: str, note: str) -> str | None:
        """Let the person enter a key, which nothing shows or stores; None if they would not. Raises `Failure(USAGE)`
        where nobody is there to enter one."""
        ...

    async def switch(self, timeline: str | None, *, read_only: bool = False) -> Conversation:
        """Leave this conversation for another, or for a new one (None); the one that is open then, which is this
        command's from now on. `read_only` as in `TimelineService.open`. Raises `OpenElsewhere`, and `Failure` where the
        person has gone elsewhere meanwhile."""
        ...

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        """Open the screen of this name; False where this face has none, and words must do."""
        ...

    def follow(self, turn: Task[None]) -> None:
        """A turn of this conversation that a command has started: shown and stopped like one that was typed."""
        ...

    def beside(self, conversations: Sequence[Conversation]) -> AbstractContextManager[None]:
        """While this is open these run too, out of sight: what stops a turn stops them."""
        ...

    def write(self, text: str) -> None:
        """Put this into the prompt, to be changed or sent."""
        ...

    async def edit(self, text: str = "") -> None:
        """This text, or else what stands in the prompt, in the person's editor; what they make of it is in the prompt
        then. Raises `Failure`."""
        ...

    async def enclose(self, path: str) -> str:
        """Let this file or folder go with the next message; says which and how large. Raises `Failure`."""
        ...

    def list_enclosed(self) -> Sequence[str]:
        """What will go with the next message: which, and how large."""
        ...

    def drop_enclosed(self) -> None:
        """Nothing that was enclosed goes with it."""
        ...

    async def context(self, message: str) -> str:
        """What goes with this message, as with one that is sent: files that it names, and what was enclosed. Raises
        `Failure` for a file that cannot go along; nothing may be sent then."""
        ...

    async def paths_like(self, part: str) -> Sequence[str]:
        """Files and folders that may be enclosed and that this may mean, the best first."""
        ...

    def copy(self, text: str) -> bool:
        """Put this on the clipboard; False where this face has none."""
        ...

    def themes(self) -> Sequence[str]:
        """The themes by name, the one that is worn first; nothing where the face has no looks."""
        ...

    def use_theme(self, theme: str) -> None:
        """Another theme, for this run of ralph. Raises `NotFound`."""
        ...

    def quit(self) -> None: ...

    def key_help(self) -> Sequence[tuple[str, str]]:
        """(key, what it does), as they are mapped; nothing where there are no keys."""
        ...

    def key_rows(self) -> Sequence[KeyRow]:
        """Every action that a key can be mapped to; nothing where there are no keys."""
        ...


class Command(Protocol):
    """A slash command; its file offers one under the name `COMMAND`."""

    @property
    def name(self) -> str: ...

    @property
    def aliases(self) -> Sequence[str]: ...

    @property
    def summary(self) -> str: ...

    @property
    def usage(self) -> str:
        """Its arguments, for help: `[provider:model]`."""
        ...

    @property
    def whole(self) -> bool:
        """It looks at earlier turns: those of a long timeline that was just opened are read first."""
        ...

    @property
    def needs_screen(self) -> bool:
        """It does nothing where there is no screen, and is refused there."""
        ...

    @property
    def lists(self) -> bool:
        """What it lets a person pick from is an answer by itself, where nobody is there to pick."""
        ...

    @property
    def sends(self) -> bool:
        """It sends a message, and what a pipe brought goes with it."""
        ...

    async def run(self, argument: str, face: Face) -> None:
        """Do it. A `Failure` that it raises is shown by the face as its sentence."""
        ...

    async def complete(self, argument: str, face: Face) -> Sequence[str | Named]:
        """What the argument could become."""
        ...
