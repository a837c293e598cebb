"""A web server on this machine: each path has a function that writes its answer, byte by byte if it likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from ralph.core.background import cancel_and_wait

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Site:
    """The pages by path, and what was asked: the first line and the headers of each request."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.port = 0
        self.sent = 0
        self.serving: list[asyncio.Task[None] | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def rule(self) -> str:
        return f"web_fetch(127.0.0.1:{self.port})"

    def page(
        self, path: str, body: bytes, kind: str | None = "text/html", status: str = "200 OK", **headers: str
    ) -> str:
        """Put a whole answer; return its URL."""
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close"]
        lines += [f"content-type: {kind}"] if kind is not None else []
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

        async def answer(writer: asyncio.StreamWriter) -> None:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)

        self.pages[path] = answer
        return self.url + path

    def leads(self, path: str, target: str, status: str = "302 Found") -> str:
        return self.page(path, b"moved", None, status, location=target)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.asked.append(head)
                await self.pages[head.split()[1]](writer)
                await writer.drain()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        await cancel_and_wait([task for task in site.serving if task is not None])
