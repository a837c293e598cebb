"""Proxies by hand, in front of a loopback server: they write down what they were asked, and pass it on or refuse it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """An HTTP proxy. Whatever host a request names, it is passed on to `port` on this machine; `answer` refuses it."""

    port: int = 0
    answer: bytes = b""
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    place: str = ""  # host and port
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Proxy:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.place = f"127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._take(reader, writer)
        finally:
            await _close(writer)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, _, rest = head.partition("\r\n")
        method, target, version = first.split(" ")
        self.asked.append(f"{method} {target.partition('?')[0]}")
        self.heads.append(rest)
        if self.answer:
            writer.write(self.answer)
            await writer.drain()
            return
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await self.pass_on(reader, writer, b"")
            return
        path = "/" + target.split("/", 3)[3]
        await self.pass_on(reader, writer, f"{method} {path} {version}\r\n{rest}".encode("latin-1"))

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self.port)
        outer.write(head)
        copying = [asyncio.ensure_future(_copy(a, b)) for a, b in ((reader, outer), (inner, writer))]
        try:
            await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in copying:
                one.cancel()
            await asyncio.gather(*copying, return_exceptions=True)
            await _close(outer)


class SocksProxy(Proxy):
    """A SOCKS5 proxy without a password."""

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        size = (await reader.readexactly(1))[0] if kind == 3 else 4 if kind == 1 else 16
        host, port = await reader.readexactly(size), int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"SOCKS {host.decode('latin-1')}:{port}")
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await self.pass_on(reader, writer, b"")


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
