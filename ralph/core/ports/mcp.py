"""The servers of the Model Context Protocol, as commands and faces see them, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from ralph.core.data import Data, frozen
from ralph.core.llm.tool_output import Media, Origin

McpState = Literal["off", "idle", "starting", "ready", "failed"]
"""`off`: not enabled. `idle`: not started; it starts when a tool of it is called."""


@frozen
class McpRow(Data):
    """A server in a list."""

    name: str
    transport: Literal["stdio", "http"]
    state: McpState
    protocol: str | None
    """The revision of the protocol, also of a remembered list; None if the server never answered."""
    tools: tuple[str, ...]
    """The names of its tools, as models see them."""
    error: str | None
    """Why it could not be used, as a sentence; None if it was not tried or works."""
    stderr: tuple[str, ...]
    """The last lines of its standard error."""


@frozen
class McpText(Data):
    """The text of a resource or a prompt, the files beside it, and its origin."""

    text: str
    origin: Origin
    media: tuple[Media, ...] = ()


@frozen
class McpPromptRow(Data):
    """A prompt of a server."""

    server: str
    name: str
    description: str
    arguments: tuple[tuple[str, bool], ...]
    """The names of its arguments, each with whether it must be given."""


@frozen
class McpResourceRow(Data):
    """A resource of a server, or a template of resources."""

    server: str
    uri: str
    name: str
    template: bool


@frozen
class ToolPin(Data):
    """The definition of a tool that a person has seen."""

    digest: str
    definition: str


@frozen
class KeptLists(Data):
    """What a server listed the last time."""

    protocol: str
    data: str
    """The lists as JSON; empty if the server did not answer."""
    at: float
    """When, in seconds since 1970."""
    ttl_s: float


class McpMemory(Protocol):
    """What is remembered of servers between two starts of ralph. Nothing is written to a read-only database."""

    async def find_lists(self, key: str) -> KeptLists | None:
        """Return the last lists of the server with this hash of its configuration."""
        ...

    async def keep_lists(self, key: str, kept: KeptLists) -> None: ...

    async def list_pins(self, server: str) -> Mapping[str, ToolPin]:
        """Return the pinned definitions of a server by the tool's own name."""
        ...

    async def pin(self, server: str, pins: Mapping[str, ToolPin]) -> None:
        """Replace or add these pins."""
        ...


class McpService(Protocol):
    """The configured servers."""

    def rows(self) -> tuple[McpRow, ...]:
        """Return every configured server, as it is now."""
        ...

    async def connect(self, name: str = "") -> tuple[McpRow, ...]:
        """Start this server, or all that are enabled, and wait for their lists. Raises `NotFound`."""
        ...

    async def restart(self, name: str) -> McpRow:
        """End this server and start it again. Raises `NotFound`."""
        ...

    async def log_in(self, name: str, show: Callable[[str], None]) -> McpRow:
        """Log in to this server; `show` gets the address that the person visits. Raises `NotFound`, and `Failure`."""
        ...

    def log_out(self, name: str) -> bool:
        """Forget the login to this server; return whether there was one. Raises `NotFound`, and `Failure`."""
        ...

    def prompts(self) -> Sequence[McpPromptRow]:
        """Return the prompts of all servers whose lists are known."""
        ...

    def resources(self) -> Sequence[McpResourceRow]:
        """Return the resources of all servers whose lists are known."""
        ...

    async def read_resource(self, server: str, uri: str) -> McpText:
        """Return a resource. Starts the server if it is needed. Raises `NotFound`, and `Failure`."""
        ...

    async def get_prompt(self, server: str, name: str, arguments: Mapping[str, str]) -> McpText:
        """Return the text of a prompt. Starts the server if it is needed. Raises `NotFound`, and `Failure`."""
        ...
