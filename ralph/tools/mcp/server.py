"""One server: its list, its pins, its connection, and the state that a person sees."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from ralph.config.settings import McpServerSettings
from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.errors import Failure, StoreFailure
from ralph.core.llm.tool import ToolFailure
from ralph.core.llm.tool_output import Origin
from ralph.core.ports.mcp import KeptLists, McpMemory, McpState, ToolPin
from ralph.core.ports.tool_source import SourceEnvironment
from ralph.tools.mcp.listed import ListedTool, ServerLists, read_lists, write_lists
from ralph.tools.mcp.stderr_log import StderrLog

if TYPE_CHECKING:
    from ralph.tools.mcp.connection import Connection

log = logging.getLogger("ralph.mcp")


class Opener(Protocol):
    """Opens connections. Its first call imports the SDK, in a thread."""

    async def open(self, server: McpServer) -> Connection:
        """Return a connection that is being opened. Raises `Failure`."""
        ...


class McpServer:
    """A server. `connect` starts it where it is not running; a server that died is started at the next call."""

    def __init__(
        self,
        name: str,
        settings: McpServerSettings,
        times: tuple[float, float],
        env: SourceEnvironment,
        stderr: StderrLog,
        memory: McpMemory | None,
        opener: Opener,
        *,
        save: bool = True,
    ) -> None:
        """`times` are the seconds for a start and for a call. Without `memory` nothing is remembered."""
        self.name = name
        self.settings = settings
        self.startup_s, self.call_s = times
        self.env = env
        self.stderr = stderr
        self.lists: ServerLists | None = None
        self.listed_at = 0.0
        self.missed = False
        self.planned = False
        self.pins: Mapping[str, ToolPin] = {}
        self.error = ""
        self._memory = memory
        self._opener = opener
        self._save = save
        self._starting: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._relisting: asyncio.Task[None] | None = None
        self._closed = False
        self._patience_s = 0.0
        self._remembered = False
        self._remembering = asyncio.Lock()

    @property
    def transport(self) -> Literal["stdio", "http"]:
        return "http" if self.settings.url else "stdio"

    @property
    def origin(self) -> Origin:
        return "project" if self.settings.trust else "outside"

    @property
    def state(self) -> McpState:
        if not self.settings.enabled:
            return "off"
        if self._starting and not self._starting.done():
            return "starting"
        if self._connection and not self._connection.ended:
            return "ready"
        return "failed" if self.error else "idle"

    @property
    def key(self) -> str:
        """Return the hash of the configuration that decides what it lists."""
        one = self.settings
        made = json.dumps([one.command, dict(one.env), one.cwd, one.url, dict(one.headers)], sort_keys=True)
        return hashlib.sha256(made.encode()).hexdigest()

    def describe_place(self) -> str:
        """Return its program or its host."""
        return urlsplit(self.settings.url).netloc.rpartition("@")[2] or " ".join(self.settings.command)

    def tools(self) -> tuple[ListedTool, ...]:
        """Return the tools that the configuration lets through."""
        listed = self.lists.tools if self.lists and self.settings.enabled else ()
        return tuple(t for t in listed if any(fnmatchcase(t.name, one) for one in self.settings.tools))

    def find(self, name: str) -> ListedTool | None:
        """Return the tool with this own name."""
        return next((tool for tool in self.tools() if tool.name == name), None)

    async def remember(self) -> None:
        """Take the list and the pins of earlier starts."""
        async with self._remembering:
            if self._memory and not self._remembered:
                await self._recall(self._memory)
            self._remembered = True

    async def _recall(self, memory: McpMemory) -> None:
        self.pins = await memory.list_pins(self.name)
        kept = await memory.find_lists(self.key)
        if kept is None:
            return
        self.listed_at, self.missed = kept.at, not kept.data
        if kept.data:
            try:
                self.lists = read_lists(kept.data, kept.protocol, kept.ttl_s)
            except ValueError:
                log.warning("the remembered list of the server %s cannot be read", self.name)

    def is_fresh(self) -> bool:
        """Return whether the remembered list need not be read again yet, as the server said."""
        if self.lists is None:
            return False
        return self.env.clock.now().timestamp() < self.listed_at + self.lists.ttl_s

    def start(self) -> asyncio.Task[None]:
        """Start it where it is not running. The task ends when its list is there or it failed, and never raises."""
        if self._starting is None or (self._starting.done() and self.state != "ready"):
            self.error = ""
            self._starting = background.start(self._start(), f"the start of the server {self.name}")
        return self._starting

    async def connect(self) -> Connection:
        """Return the open connection; start the server if needed. Raises `ToolFailure`."""
        await asyncio.shield(self.start())
        if self._connection is None or self._connection.ended:
            raise ToolFailure(f"the server {self.name} cannot be used: {self.error or 'it ended'}")
        return self._connection

    async def restart(self, startup_s: float = 0.0) -> None:
        """End it and start it again, within these seconds or those of the configuration."""
        await self._disconnect()
        self._starting, self._patience_s = None, startup_s
        try:
            await asyncio.shield(self.start())
        finally:
            self._patience_s = 0.0

    async def pin(self, pins: Mapping[str, ToolPin]) -> None:
        """Take these definitions as seen."""
        self.pins = {**self.pins, **pins}
        if self._memory and self._save:
            await self._keep(self._memory.pin(self.name, pins))

    async def aclose(self) -> None:
        self._closed = True
        await self._disconnect()

    async def _disconnect(self) -> None:
        await cancel_and_wait([t for t in (self._starting, self._relisting) if t])
        connection, self._connection = self._connection, None
        if connection:
            await connection.aclose()

    async def _start(self) -> None:
        old, self._connection = self._connection, None
        if old:
            await old.aclose()
        connection: Connection | None = None
        try:
            await self.remember()  # without its pins, a changed definition would be taken for a new one
            connection = await self._opener.open(self)
            async with asyncio.timeout(self._patience_s or self.startup_s):
                await connection.wait()
                lists = await connection.list_all()
            await self._take(lists)
            self._connection, connection = connection, None
        except TimeoutError:
            self.error = f"it was not ready within {self.startup_s:g} s (mcp.startup_s)"
        except Failure as failure:
            self.error = failure.message
        except Exception as error:  # border: a server of tools must not end ralph
            log.exception("the server %s could not be started", self.name)
            self.error = repr(error)
        finally:
            if connection:
                await connection.aclose()
        if self.error:
            await self._explain_failure()

    async def _explain_failure(self) -> None:
        last = next((line for line in reversed(self.stderr.read_tail()) if line.strip()), "")
        if last and self.error == "the server ended":
            self.error = f"the server ended: {last.strip()[:200]}"
        log.warning("the server %s is left out: %s", self.name, self.error)
        if self.lists is None and self._memory and self._save:
            now = self.env.clock.now().timestamp()
            await self._keep(self._memory.keep_lists(self.key, KeptLists("", "", now, 0.0)))

    async def _take(self, lists: ServerLists) -> None:
        """Take the list of the running server: remember it, and pin what was never seen."""
        self.lists, self.listed_at = lists, self.env.clock.now().timestamp()
        if self._memory and self._save:
            kept = KeptLists(lists.protocol, write_lists(lists), self.listed_at, lists.ttl_s)
            await self._keep(self._memory.keep_lists(self.key, kept))
        new = {t.name: ToolPin(t.digest, t.definition) for t in lists.tools if t.name not in self.pins}
        if new:
            await self.pin(new)

    def relist(self) -> None:
        """Read the list again, because the server said that it changed."""
        if self._connection and not self._closed and (self._relisting is None or self._relisting.done()):
            self._relisting = background.start(self._relist(self._connection), "the list of a server")

    async def _relist(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self.startup_s):
                await self._take(await connection.list_all())
        except (Failure, TimeoutError) as error:
            log.warning("the changed list of the server %s cannot be read: %s", self.name, error)

    async def _keep(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except StoreFailure as failure:
            log.warning("the list of the server %s is not remembered: %s", self.name, failure.message)
