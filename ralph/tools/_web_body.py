"""Reads the body of an answer within bounds of size, also after decompression."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import ToolFailure

MAX_BYTES = 5 * 1024 * 1024
ENCODINGS = "gzip, deflate"


@frozen
class Body(Data):
    """The decompressed bytes. `cut`: there was more than `MAX_BYTES`."""

    data: bytes
    cut: bool = False


async def read_body(chunks: AsyncIterator[bytes], encoding: str) -> Body:
    """Return the body of this content encoding, at most `MAX_BYTES`; the rest is not read. Raises `ToolFailure`."""
    unpack = _Unpacking(encoding)
    data = bytearray()
    async for chunk in chunks:
        data += unpack.feed(chunk, MAX_BYTES + 1 - len(data))
        if len(data) > MAX_BYTES:
            return Body(bytes(data[:MAX_BYTES]), cut=True)
    return Body(bytes(data))


class _Unpacking:
    """Decompresses piece by piece, each only as far as there is room: a small piece may unpack to a gigabyte."""

    def __init__(self, encoding: str) -> None:
        self._kind = encoding.strip().lower()
        self._unpack = None
        if self._kind in ("gzip", "x-gzip"):
            self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif self._kind not in ("", "identity", "deflate"):
            raise ToolFailure(f"the page is packed as {self._kind[:40]}, which was not asked for")

    def feed(self, chunk: bytes, room: int) -> bytes:
        """Return at most `room` bytes of what the chunk holds. Raises `ToolFailure`."""
        if self._kind in ("", "identity"):
            return chunk[:room]
        if self._unpack is None:  # deflate is zlib by the standard, and bare on some servers
            bare = not chunk or chunk[0] & 0x0F != 8
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
        try:
            return self._unpack.decompress(chunk, room)
        except zlib.error:
            raise ToolFailure(f"the page cannot be unpacked: it is not {self._kind}") from None
