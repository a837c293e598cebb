"""Opens connections to servers. The SDK takes half a second to import: that happens in a thread, once."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

from ralph.core import background
from ralph.core.errors import Failure, Kind
from ralph.tools.mcp.questions import Questions
from ralph.tools.mcp.server import McpServer
from ralph.tools.mcp.token_file import TokenFile

if TYPE_CHECKING:
    from ralph.tools.mcp.connection import Connection

# How many servers start at the same time: each is a program that takes a second of a processor.
AT_ONCE = 8
# The least seconds of silence on an HTTP stream; a call's own time is shorter or restarts.
READ_S = 300.0
NOT_INSTALLED = "the extra mcp is not installed; install it:  pip install 'ralph[mcp]'"


def is_installed() -> bool:
    """Return whether the SDK is installed, without importing it."""
    return importlib.util.find_spec("mcp") is not None


def _import() -> None:
    """Import the modules that use the SDK."""
    from ralph.tools.mcp import connection, oauth, transports  # noqa: F401


class SdkOpener:
    """Opens connections by the SDK."""

    def __init__(self, questions: Questions, tokens: TokenFile) -> None:
        self._questions = questions
        self._tokens = tokens
        self._login: tuple[str, Callable[[str], None]] = ("", lambda _: None)
        self._imported: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def open(self, server: McpServer) -> Connection:
        """Return a connection that is being opened. Raises `Failure`."""
        if not is_installed():
            raise Failure(Kind.CONFIG, NOT_INSTALLED)
        if self._imported is None:
            self._imported = background.start(asyncio.to_thread(_import), "the import of the client of servers")
        await asyncio.shield(self._imported)
        from ralph.tools.mcp import connection

        made: list[Connection] = []

        def end() -> None:
            for one in made:
                one.end()

        def refuse(status: int) -> None:
            for one in made:
                one.status = status

        answer = self._questions.answer_for(server.name)
        made.append(connection.Connection(self._transport(server, end, refuse), answer, server.relist))
        return made[0]

    @contextlib.contextmanager
    def logging_in(self, name: str, show: Callable[[str], None]) -> Iterator[None]:
        """Let a start of this server log in while the block is open; `show` gets the address for the person."""
        self._login = (name, show)
        try:
            yield
        finally:
            self._login = ("", lambda _: None)

    @contextlib.asynccontextmanager
    async def _authorise(self, server: McpServer) -> AsyncIterator[Any]:
        """Yield what authorises the requests: a login that is under way, a stored one, or none."""
        url, (name, show) = server.settings.url, self._login
        if name != server.name and not self._tokens.has_login(url):
            yield None
            return
        from ralph.tools.mcp import oauth

        if name != server.name:
            yield oauth.use_login(self._tokens, url)
            return
        visit = oauth.Visit(show, oauth.find_port(self._tokens, url))
        try:
            yield oauth.log_in(self._tokens, url, visit, await visit.open())
        finally:
            await visit.aclose()

    @contextlib.asynccontextmanager
    async def _transport(
        self, server: McpServer, end: Callable[[], None], refuse: Callable[[int], None]
    ) -> AsyncIterator[Any]:
        from ralph.tools.mcp import transports

        settings, env = server.settings, server.env
        if settings.url:
            async with self._authorise(server) as auth:
                reading = max(READ_S, server.call_s)
                async with transports.reach_address(settings, reading, refuse, auth) as streams:
                    yield streams
            return
        with server.stderr.open() as stderr:
            async with transports.run_program(settings, env.root, env.environ, stderr, end) as streams:
                yield streams
