"""The output of a program: decoded and cleaned as it comes, and without its middle where it is long."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable

from ralph.core.sanitise import Cleaner

# Bytes kept of the beginning and of the end. What a person can want to look through is smaller.
HEAD_BYTES = 4 << 20
TAIL_BYTES = 4 << 20


class Transcript:
    """Takes bytes; passes on clean text at once, as long as the beginning is not full; memory stays bounded."""

    def __init__(self, show: Callable[[str], None], head: int = HEAD_BYTES, tail: int = TAIL_BYTES) -> None:
        self._show = show
        self._text = _Text()
        self._head: list[str] = []
        self._room = head
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self._tail_most = tail
        self.bytes = 0
        """How many bytes came."""
        self.left_out = 0
        """How many bytes of the middle were left out."""

    def feed(self, data: bytes) -> None:
        self.bytes += len(data)
        now, later = data[: self._room], data[self._room :]
        self._room -= len(now)
        if now:
            self._take(self._text.feed(now))
        if later:
            self._keep_end(later)

    def end(self) -> str:
        """Return the text. `left_out` is final after this."""
        if not self._tail:
            self._take(self._text.end())
            return "".join(self._head)
        end = _Text()
        rest = end.feed(b"".join(self._tail)) + end.end()
        if not self.left_out:
            return "".join(self._head) + rest
        note = f"\n[{self.left_out:,} bytes were left out here]\n"
        self._show(note)
        return "".join(self._head) + note + rest

    def _take(self, text: str) -> None:
        if text:
            self._head.append(text)
            self._show(text)

    def _keep_end(self, data: bytes) -> None:
        self._tail.append(data)
        self._tail_bytes += len(data)
        while self._tail_bytes - len(self._tail[0]) >= self._tail_most:
            gone = len(self._tail.popleft())
            self._tail_bytes -= gone
            self.left_out += gone


class _Text:
    """Bytes to clean text: a letter or an escape sequence that is cut in two is held back."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._cleaner = Cleaner()

    def feed(self, data: bytes) -> str:
        return self._cleaner.feed(self._decoder.decode(data))

    def end(self) -> str:
        return self._cleaner.feed(self._decoder.decode(b"", final=True)) + self._cleaner.end()
