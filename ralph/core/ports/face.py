"""The protocols of a face: it asks a person, and a command can drive it."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Any, Protocol

from ralph.core.data import Data, frozen
from ralph.core.llm.consent import Scope
from ralph.core.llm.tool import Resource
from ralph.core.llm.tool_output import Rung
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace


@frozen
class Consent(Data):
    """A tool call that needs a person's yes. `preview` describes the call's effect in the tool's words, or is empty."""

    call: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    effect: str = "unknown"
    preview: str = ""
    resource: Resource = ""
    """The path, URL, shell line or argv that rules are matched with."""
    why: str = ""
    """Why the call asks: the rule, the effect, or the source of outside content."""
    always: str = ""
    """The rule that the answer "always" stores; empty if no rule can cover the call."""
    sandbox: Rung | None = None
    """The sandbox that would hold a program; None if it is not known."""
    network: bool = False
    """Whether a rule lets the program use the network."""


@frozen
class ConsentAnswer(Data):
    """The answer of a person. `arguments` are the edited ones: the call is decided about again with them."""

    allowed: bool
    scope: Scope = "once"
    arguments: Mapping[str, Any] | None = None


@frozen
class KeyRow(Data):
    """An action that keys can be mapped to. `where`: the screen that it belongs to; `mapped`: the config maps it."""

    id: str
    keys: str
    what: str
    where: str = ""
    mapped: bool = False


@frozen
class Named(Data):
    """A completion of an argument with a readable name: a timeline's id, shown by its title."""

    value: str
    label: str
    note: str = ""


class Asker(Protocol):
    """Asks a person for consent; a face without a person denies."""

    async def allow(self, consent: Consent) -> ConsentAnswer: ...

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Ask a question with two or three answers, each (value, effect); return None for no answer."""
        ...

    async def enter(self, title: str, note: str) -> str | None:
        """Let the person enter a text of one line; return None if they decline. `note` says what it is for."""
        ...


class Face(Protocol):
    """What a slash command may do in the face that it was typed into."""

    @property
    def conversation(self) -> Conversation:
        """Return the conversation of the command, whatever else the person opens meanwhile."""
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
        """Report the result of the command as data, for a face that a program reads; a screen shows only the words."""
        ...

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Let the person pick one of (value, label); return None if they decline. Raises `Failure(USAGE)` without a
        person, unless the options themselves are the answer of the command (`Command.lists`)."""
        ...

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        """Ask a question with two or three answers, each (value, effect): of two, the yes and the no. Return None for
        no answer. Raises `Failure(USAGE)` without a person."""
        ...

    async def ask_key(self, title: str, note: str) -> str | None:
        """Let the person enter a key, which nothing shows or stores; return None if they decline. Raises
        `Failure(USAGE)` without a person."""
        ...

    async def switch(self, timeline: str | None, *, read_only: bool = False) -> Conversation:
        """Switch to another conversation, or to a new one (None); return the one that is open then, which becomes the
        command's conversation. `read_only` as in `TimelineService.open`. Raises `OpenElsewhere`, and `Failure` if the
        person has switched meanwhile."""
        ...

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        """Open the screen of this name; return False if this face has none and the command must use words."""
        ...

    def follow(self, turn: Task[None]) -> None:
        """Show and stop a turn of this conversation that a command started, like a typed one."""
        ...

    def beside(self, conversations: Sequence[Conversation]) -> AbstractContextManager[None]:
        """Run these conversations out of sight while the block is open: stopping a turn stops them too."""
        ...

    def write(self, text: str) -> None:
        """Put this text into the prompt, where the person can change or send it."""
        ...

    async def edit(self, text: str = "") -> None:
        """Open this text, or else the prompt's text, in the person's editor; the edited text is in the prompt
        afterwards. Raises `Failure`."""
        ...

    async def enclose(self, path: str) -> str:
        """Attach this file or folder to the next message; return its name and size. Raises `Failure`."""
        ...

    def list_enclosed(self) -> Sequence[str]:
        """Return the names and sizes of everything attached to the next message."""
        ...

    def drop_enclosed(self) -> None:
        """Detach everything from the next message."""
        ...

    async def context(self, message: str) -> str:
        """Return the context of this message as if it were sent: the files that it names, and the attachments. Raises
        `Failure` for a file that cannot be attached; nothing may be sent then."""
        ...

    async def paths_like(self, part: str) -> Sequence[str]:
        """Return files and folders that can be attached and match this text, the best first."""
        ...

    def copy(self, text: str) -> bool:
        """Put this text on the clipboard; return False if this face has none."""
        ...

    def themes(self) -> Sequence[str]:
        """Return the themes by name, the current one first; empty if the face has none."""
        ...

    def use_theme(self, theme: str) -> None:
        """Use another theme for this run of ralph. Raises `NotFound`."""
        ...

    def quit(self) -> None: ...

    def key_help(self) -> Sequence[tuple[str, str]]:
        """Return (key, effect) as mapped; empty without keys."""
        ...

    def key_rows(self) -> Sequence[KeyRow]:
        """Return every action that a key can be mapped to; empty without keys."""
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
        """Return its arguments, for help: `[provider:model]`."""
        ...

    @property
    def whole(self) -> bool:
        """Return whether it reads earlier turns: those of a long timeline are then loaded first."""
        ...

    @property
    def needs_screen(self) -> bool:
        """Return whether it needs a screen; without one it is refused."""
        ...

    @property
    def lists(self) -> bool:
        """Return whether its list of options is an answer by itself if there is no person to pick."""
        ...

    @property
    def sends(self) -> bool:
        """Return whether it sends a message, which includes the text of a pipe."""
        ...

    async def run(self, argument: str, face: Face) -> None:
        """Run the command. The face shows a raised `Failure` as its sentence."""
        ...

    async def complete(self, argument: str, face: Face) -> Sequence[str | Named]:
        """Return completions of the argument."""
        ...
