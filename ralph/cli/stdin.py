"""What a pipe or a file brings on standard input. `--timeout` and signals end the process while it waits."""

from __future__ import annotations

import os
import stat
import sys
from typing import TextIO

from ralph.core.errors import Failure, Kind
from ralph.core.unicode import NotText, decode_text

# More than the largest window of a model holds several times over; a device that never ends stops here.
MAX_BYTES = 32 * 1024 * 1024
# So long an open and silent pipe is waited for without a word.
SILENT_S = 3.0
_CHUNK = 1024 * 1024


def read_pipe(err: TextIO, *, asked: bool) -> str:
    """The text, without blanks around it; empty where there is none. Raises `Failure`.

    `asked`: there is a question beside it. It is waited for all the same, since a slow command in a pipe may bring what
    the question is about; who waits is told how to go on without.
    """
    if sys.stdin is None or sys.stdin.closed:
        return ""
    try:
        descriptor = sys.stdin.fileno()
        if os.isatty(descriptor):
            return ""
        kind = os.fstat(descriptor).st_mode
    except (OSError, ValueError):  # closed
        return ""
    if stat.S_ISDIR(kind):
        raise Failure(Kind.USAGE, "standard input is a folder, which cannot be read as text; redirect a file")
    data = _read(descriptor, err, asked=asked)
    try:
        made = decode_text(data)
    except NotText:
        raise Failure(
            Kind.USAGE, f"standard input is binary ({len(data):,} bytes with zeros in them); a model needs text"
        ) from None
    if made.note:
        print(f"ralph: standard input {made.note}", file=err)
    return made.text.replace("\r\n", "\n").strip()


def _read(descriptor: int, err: TextIO, *, asked: bool) -> bytes:
    parts: list[bytes] = []
    size, told = 0, False
    try:
        while True:
            if not told and not _ready(descriptor):
                told = True
                print(f"ralph: {_waiting(size, asked=asked)}", file=err, flush=True)
            part = os.read(descriptor, _CHUNK)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise Failure(
                    Kind.USAGE,
                    f"standard input has more than {MAX_BYTES // 1024**2} MiB, which no model can read; "
                    "send a part of it, or let a tool search it",
                )
    except OSError as error:
        raise Failure(Kind.IO, f"standard input cannot be read: {error.strerror or error}") from None


def _ready(descriptor: int) -> bool:
    """Whether something is there, or its end, before it is time to say a word."""
    try:
        import select

        return bool(select.select([descriptor], [], [], SILENT_S)[0])
    except (ImportError, OSError, ValueError):  # files on Windows; descriptors beyond what select can take
        return True


def _waiting(size: int, *, asked: bool) -> str:
    came = f"{size:,} bytes arrived, but it has not ended" if size else "it is open, but no data arrives"
    without = "; if there is no input, start ralph with </dev/null" if asked else ""
    return f"waiting for standard input: {came}{without}"
