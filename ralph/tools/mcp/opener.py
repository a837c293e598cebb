"""Opens connections to servers. The SDK takes half a second to import: that happens in a thread, once."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from ralph.core import background
from ralph.core.errors import Failure, Kind
from ralph.tools.mcp.questions import Questions
from ralph.tools.mcp.server import McpServer

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
    from ralph.tools.mcp import connection, transports  # noqa: F401


class SdkOpener:
    """Opens connections by the SDK."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
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

    @contextlib.asynccontextmanager
    async def _transport(
        self, server: McpServer, end: Callable[[], None], refuse: Callable[[int], None]
    ) -> AsyncIterator[Any]:
        from ralph.tools.mcp import transports

        settings, env = server.settings, server.env
        if settings.url:
            async with transports.reach_address(settings, max(READ_S, server.call_s), refuse) as streams:
                yield streams
            return
        with server.stderr.open() as stderr:
            async with transports.run_program(settings, env.root, env.environ, stderr, end) as streams:
                yield streams
