"""All configured servers, as one source of tools whose list may grow while ralph runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ralph.config.settings import McpSettings
from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.llm.tool import Tool, ToolFailure
from ralph.core.log.events import Note
from ralph.core.ports.face import Asker
from ralph.core.ports.mcp import McpMemory, McpPromptRow, McpResourceRow, McpRow, McpText
from ralph.core.ports.tool_source import SourceEnvironment
from ralph.tools.mcp.listed import ListedTool
from ralph.tools.mcp.names import name_tools, with_hash
from ralph.tools.mcp.news import ServerNews
from ralph.tools.mcp.opener import NOT_INSTALLED, SdkOpener, is_installed
from ralph.tools.mcp.questions import Questions
from ralph.tools.mcp.results import read_contents, read_prompt
from ralph.tools.mcp.schemas import UnusableSchema, make_valid
from ralph.tools.mcp.server import McpServer
from ralph.tools.mcp.stderr_log import StderrLog
from ralph.tools.mcp.token_file import TokenFile
from ralph.tools.mcp.tool import McpTool

if TYPE_CHECKING:
    from ralph.tools.mcp.connection import Connection

# Seconds without another answer after which a single turn stops waiting for servers that were never listed.
QUIET_S = 2.0
# Seconds without the begin of a turn after which servers are started ahead of their first call.
AFTER_S = 0.5
# Seconds that a person has for a login.
LOGIN_S = 600.0


class McpServers:
    """The servers. `open` reads what is remembered; `start_all` starts the servers whose list is not fresh."""

    name = "mcp"

    def __init__(
        self,
        settings: McpSettings,
        logs: Path,
        tokens: TokenFile,
        memory: McpMemory | None,
        asker: Callable[[], Asker | None],
        env: SourceEnvironment,
        *,
        save: bool = True,
    ) -> None:
        """`logs` is the folder of their standard errors."""
        self._settings = settings
        self._tokens = tokens
        self._opener = opener = SdkOpener(Questions(asker), tokens)
        times = (settings.startup_s, settings.call_s)
        self._servers = {
            name: McpServer(name, one, times, env, StderrLog(logs, name), memory, opener, save=save)
            for name, one in settings.servers.items()
        }
        self._tools: dict[tuple[str, str, str], McpTool] = {}
        self._news = ServerNews()
        self._last_turn = 0.0
        self._starters: list[asyncio.Task[None]] = []
        self._unusable: dict[str, dict[str, str]] = {}

    async def open(self, _: SourceEnvironment) -> Sequence[Tool]:
        """Read the remembered lists. Its tools are those of `current`."""
        await asyncio.gather(*(server.remember() for server in self._enabled))
        for server in self._enabled:
            if not is_installed():
                server.error, server.lists = NOT_INSTALLED, None
        return ()

    async def aclose(self) -> None:
        """End every server, all at the same time."""
        await cancel_and_wait(self._starters)
        await asyncio.gather(*(server.aclose() for server in self._servers.values()))

    @property
    def _enabled(self) -> list[McpServer]:
        return [server for server in self._servers.values() if server.settings.enabled]

    def start_all(self) -> None:
        """Start every server whose remembered list is not fresh, and wait for none.

        The import of the client and twenty new processes would slow a turn that begins at the same time, so they wait
        until no turn began for `AFTER_S`.
        """
        wanted = [s for s in self._enabled if not s.is_fresh() and s.state == "idle" and not s.planned]
        for server in wanted:
            server.planned = True
        self._last_turn = asyncio.get_running_loop().time()
        if wanted:
            self._starters.append(background.start(self._start_later(wanted), "the start of servers of tools"))

    async def _start_later(self, wanted: Sequence[McpServer]) -> None:
        try:
            while (left := self._last_turn + AFTER_S - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(left)
            for server in wanted:
                server.start()
        finally:
            for server in wanted:
                server.planned = False

    def list_unknown(self) -> Sequence[str]:
        """Return the servers that were never tried with this configuration."""
        return [s.name for s in self._enabled if s.lists is None and not s.missed and not s.error]

    async def wait_for_unknown(self) -> None:
        """Start the servers that were never tried, and wait for their lists: until the first has answered and the
        others are silent for `QUIET_S`, and never longer than a start may take."""
        waiting = {self._servers[name].start() for name in self.list_unknown()}
        until = asyncio.get_running_loop().time() + self._settings.startup_s
        answered = False
        while waiting:
            left = until - asyncio.get_running_loop().time()
            done, waiting = await asyncio.wait(
                waiting, timeout=min(left, QUIET_S) if answered else max(left, 0), return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                return
            answered = answered or any(server.state == "ready" for server in self._enabled)

    def current(self) -> Mapping[str, McpTool]:
        """Return the tools of every list that is known now, by their names for models."""
        found: dict[str, McpTool] = {}
        prefixes: dict[str, str] = {}
        for server in self._enabled:
            names = name_tools(server.name, [tool.name for tool in server.tools()])
            shared = prefixes.setdefault(next(iter(name_tools(server.name, [""]).values())), server.name)
            for listed in server.tools():
                name = names[listed.name]
                if shared != server.name or name in found:
                    name = with_hash(name, f"{server.name}\n{listed.name}")
                if (tool := self._tool(server, listed, name)) is not None:
                    found[name] = tool
        return found

    def _tool(self, server: McpServer, listed: ListedTool, name: str) -> McpTool | None:
        """Return the tool; None, and a line in the log, if its schema cannot be declared to a model."""
        key = (server.name, listed.digest, name)
        if key not in self._tools:
            try:
                self._tools[key] = McpTool(server, listed, name, make_valid(listed.schema))
            except UnusableSchema as error:
                self._unusable.setdefault(server.name, {})[listed.name] = str(error)
                return None
        return self._tools[key]

    def news(self, timeline: str) -> tuple[Note, ...]:
        """Return what the timeline has not been told yet: servers that are late, joined or cannot be used."""
        self._names_by_server()  # finds the tools that must be left out
        return self._news.list_new(timeline, self._enabled, self._unusable)

    def rows(self) -> tuple[McpRow, ...]:
        names = self._names_by_server()
        return tuple(
            McpRow(
                one.name, one.transport, one.state, one.lists.protocol if one.lists else None,
                names.get(one.name, ()), one.error or None, one.stderr.read_tail(),
            )
            for one in self._servers.values()
        )  # fmt: skip

    async def connect(self, name: str = "") -> tuple[McpRow, ...]:
        """Start this server, or all that are enabled, and wait until each is ready or failed. Raises `NotFound`."""
        wanted = [self._get(name)] if name else self._enabled
        if name and not wanted[0].settings.enabled:
            raise Failure(Kind.CONFIG, f"the server {name} is not enabled (mcp.servers.{name}.enabled)")
        await asyncio.gather(*(asyncio.shield(one.start()) for one in wanted))
        return tuple(row for row in self.rows() if not name or row.name == name)

    async def restart(self, name: str) -> McpRow:
        """End this server and start it again. Raises `NotFound`."""
        await self._get(name).restart()
        return next(row for row in self.rows() if row.name == name)

    async def log_in(self, name: str, show: Callable[[str], None]) -> McpRow:
        """Start this server, and log in where it wants that. Raises `NotFound`, and `Failure`."""
        server = self._get_address(name)
        with self._opener.logging_in(name, show):
            await server.restart(LOGIN_S)
        return next(row for row in self.rows() if row.name == name)

    def log_out(self, name: str) -> bool:
        """Forget the tokens for this server; return whether there were any. Raises `NotFound`, and `Failure`."""
        return self._tokens.forget(self._get_address(name).settings.url)

    def _get_address(self, name: str) -> McpServer:
        server = self._get(name)
        if not server.settings.url:
            raise Failure(Kind.USAGE, f"the server {name} is a program; only a server at an address has a login")
        return server

    def prompts(self) -> Sequence[McpPromptRow]:
        return [
            McpPromptRow(server.name, one.name, one.description, one.arguments)
            for server in self._enabled
            for one in (server.lists.prompts if server.lists else ())
        ]

    def resources(self) -> Sequence[McpResourceRow]:
        return [
            McpResourceRow(server.name, one.uri, one.name, one.template)
            for server in self._enabled
            for one in (server.lists.resources if server.lists else ())
        ]

    async def read_resource(self, server: str, uri: str) -> McpText:
        """Return a resource. Raises `NotFound`, and `Failure`."""
        one = self._get(server)
        result = await self._ask(one, lambda connection: connection.read_resource(uri, one.call_s))
        text, media = read_contents(result)
        return McpText(text, one.origin, media)

    async def get_prompt(self, server: str, name: str, arguments: Mapping[str, str]) -> McpText:
        """Return the text of a prompt. Raises `NotFound`, and `Failure`."""
        one = self._get(server)
        result = await self._ask(one, lambda connection: connection.get_prompt(name, arguments, one.call_s))
        return McpText(read_prompt(result), one.origin)

    async def _ask(
        self, server: McpServer, request: Callable[[Connection], Awaitable[Mapping[str, Any]]]
    ) -> Mapping[str, Any]:
        try:
            return await request(await server.connect())
        except TimeoutError:
            raise Failure(Kind.TIMEOUT, f"the server {server.name} took longer than {server.call_s:g} s") from None
        except ToolFailure as failure:
            raise Failure(Kind.NETWORK, f"the server {server.name}: {failure}") from None

    def _get(self, name: str) -> McpServer:
        if name not in self._servers:
            there = did_you_mean(name, self._servers) or "; mcp.servers of the configuration names them"
            raise NotFound(f"there is no server '{name}'{there}")
        return self._servers[name]

    def _names_by_server(self) -> Mapping[str, tuple[str, ...]]:
        made: dict[str, tuple[str, ...]] = {}
        for name, tool in self.current().items():
            made[tool.server] = (*made.get(tool.server, ()), name)
        return made
