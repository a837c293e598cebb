"""One HTTP/1.1 connection by hand: enough to answer honestly, and to break in every way a network does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from tests.wires.frames import Frames
from tests.wires.script import Reply

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


class Gone(Exception):
    """The client closed the connection."""


@dataclass(frozen=True)
class Incoming:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Reads requests, writes replies; notices at once when the client leaves in mid-reply."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._left: asyncio.Task[bytes] | None = None

    @property
    def client(self) -> int:
        """The client's port."""
        return int(self._writer.get_extra_info("peername")[1])

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await self._stop_watching()
            await self._writer.wait_closed()

    async def read(self) -> Incoming | None:
        """The next request; None when the client has closed."""
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        self._left = asyncio.ensure_future(self._reader.read(1))
        return Incoming(method, path, headers, body)

    async def whole(self, status: int, headers: Mapping[str, str], body: str | bytes) -> bool:
        """A reply in one piece; the connection is kept."""
        data = body.encode() if isinstance(body, str) else body
        await self._head(status, {**headers, "content-length": str(len(data))})
        await self.write(data)
        await self._stop_watching()
        return True

    async def stream(self, reply: Reply, frames: Frames, kind: str, malformed: bytes, error: bytes) -> bool:
        """A reply frame by frame, with its fault at its place. Returns whether the connection can be used again."""
        chunked = reply.framing == "chunked"
        framing = {"transfer-encoding": "chunked"} if chunked else {"connection": "close"}
        await self._head(200, {"content-type": kind, **framing, **reply.headers})
        body = _Body(self, reply, chunked)
        struck = reply.fault == "empty_body" or await body.send(frames, malformed, error)
        if struck and reply.fault == "cut":
            self.abort()
            return False
        await body.end()
        await self._stop_watching()
        return chunked

    async def gone(self) -> None:
        """Wait until the client leaves."""
        assert self._left is not None
        await asyncio.wait([self._left])
        raise Gone

    def abort(self) -> None:
        """Break the connection, with whatever is on its way."""
        self._writer.transport.abort()

    async def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", *(f"{k}: {v}" for k, v in headers.items())]
        await self.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def write(self, data: bytes) -> None:
        """Write, unless the client has left."""
        if self._left is not None and self._left.done():
            raise Gone
        self._writer.write(data)
        await self._writer.drain()

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the client does."""
        if seconds and self._left is not None:
            await asyncio.wait([self._left], timeout=seconds)

    async def write_body(self, data: bytes, chunked: bool) -> None:
        if data:
            await self.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)

    async def _stop_watching(self) -> None:
        if self._left is not None:
            self._left.cancel()
            await asyncio.gather(self._left, return_exceptions=True)
            self._left = None


class _Body:
    """The body of one streamed reply, in the writes and with the fault that its script wants."""

    def __init__(self, connection: Connection, reply: Reply, chunked: bool) -> None:
        self._connection = connection
        self._reply = reply
        self._chunked = chunked
        self._held = b""

    async def send(self, frames: Frames, malformed: bytes, error: bytes) -> bool:
        """Send the frames; True if the fault struck."""
        reply, pieces, begun = self._reply, 0, False
        for frame in frames:
            if frame.content and not begun:
                begun = True
                if reply.delay:
                    await self._flush()
                    await self._connection.pause(reply.delay)
            elif frame.content and reply.pace:
                await self._flush()
                await self._connection.pause(reply.pace)
            if begun and reply.fault is not None and pieces >= reply.after:
                await self._strike(frame.data, malformed, error)
                return True
            await self._send(frame.data)
            pieces += frame.piece
        if reply.fault is not None:  # it strikes when all is said
            await self._strike(b"", malformed, error)
            return True
        return False

    async def _strike(self, frame: bytes, malformed: bytes, error: bytes) -> None:
        """What comes instead of the frame."""
        match self._reply.fault:
            case "error_event":
                await self._send(error)
            case "bad_json":
                await self._send(malformed)
            case "bad_utf8":
                await self._send(
                    b'data: {"a": "\xff\xfe"}\n\n' if frame.startswith((b"data", b"event")) else b'{"a": "\xff"}\n'
                )
            case "stall":
                await self._flush()
                await self._connection.gone()
            case _:
                pass
        await self._flush()

    async def _send(self, data: bytes) -> None:
        if self._reply.crlf:
            data = data.replace(b"\n", b"\r\n")
        if self._reply.comments:
            data = b": keep-alive\n\n" + data
        if self._reply.writes == "all":
            self._held += data
        elif self._reply.writes == "byte":
            for place in range(len(data)):
                await self._connection.write_body(data[place : place + 1], self._chunked)
                await asyncio.sleep(0)
        else:
            await self._connection.write_body(data, self._chunked)

    async def _flush(self) -> None:
        held, self._held = self._held, b""
        await self._connection.write_body(held, self._chunked)

    async def end(self) -> None:
        await self._flush()
        if self._chunked:
            await self._connection.write(b"0\r\n\r\n")
