"""Reads standard input, from a pipe or a file. `--timeout` and signals end the process while it waits."""

from __future__ import annotations

import os
import stat
import sys
from typing import TextIO

from ralph.core.errors import Failure, Kind
from ralph.core.unicode import NotText, decode_text

# Several times the largest window of a model; reading a device without an end stops here.
MAX_BYTES = 32 * 1024 * 1024
# Seconds to wait silently for an open pipe without data.
SILENT_S = 3.0
_CHUNK = 1024 * 1024


def read_pipe(err: TextIO, *, asked: bool) -> str:
    """Return the text without surrounding white space; empty if there is none. Raises `Failure`.

    `asked`: there is also a question. ralph still waits, because a slow command in the pipe may bring the subject of
    the question; a message says how to continue without it.
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
    """Return whether data or the end arrives before the message is due."""
    try:
        import select

        return bool(select.select([descriptor], [], [], SILENT_S)[0])
    except (ImportError, OSError, ValueError):  # files on Windows; descriptors above the limit of select
        return True


def _waiting(size: int, *, asked: bool) -> str:
    came = f"{size:,} bytes arrived, but it has not ended" if size else "it is open, but no data arrives"
    without = "; if there is no input, start ralph with </dev/null" if asked else ""
    return f"waiting for standard input: {came}{without}"
