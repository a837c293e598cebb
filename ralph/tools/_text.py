"""Reads files as text within bounds, counts lines, and reports files that are not text."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import ExitStack
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import ToolFailure
from ralph.core.llm.tool_output import FileRecord
from ralph.core.unicode import whole
from ralph.disk import below
from ralph.disk.changes import sha256
from ralph.tools._paths import follow_link

MAX_BYTES = 64 * 1024 * 1024
_SNIFFED = 8192


@frozen
class ReadText(Data):
    """The whole text of a file, and the record that it was read."""

    text: str
    record: FileRecord


def content(path: Path, name: str, root: Path) -> str:
    """Return the whole text. Raises `ToolFailure` for a folder, or a large, binary or unreadable file."""
    return _decode(_content(path, name, root), name)


def read(path: Path, name: str, root: Path) -> ReadText:
    """As `content`, with the record for `ToolOutput.files`."""
    data = _content(path, name, root)
    return ReadText(_decode(data, name), record_read(path, root, data))


def record_read(path: Path, root: Path, data: bytes) -> FileRecord:
    """Return the record of a file that was read, whose bytes these are."""
    found = sha256(data)
    return FileRecord(whole(path.relative_to(root).as_posix()), found, found)


def _content(path: Path, name: str, root: Path) -> bytes:
    try:
        return _bytes(path, name, root)
    except OSError as error:
        raise ToolFailure(f"{name} cannot be read: {error.strerror or 'the system refused'}") from None


def _decode(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:_SNIFFED]:
        raise ToolFailure(f"{name} is a binary file of {len(data)} bytes, not a text")
    return data.decode("utf-8-sig", "replace")


def _bytes(path: Path, name: str, root: Path) -> bytes:
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(below.open_below(root, path))
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK, errno.EXDEV):
                raise
            descriptor = stack.enter_context(below.open_below(root, follow_link(path, root)))  # the path is a link
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            what = "a folder" if stat.S_ISDIR(facts.st_mode) else "no regular file"
            raise ToolFailure(f"{name} is {what}, which cannot be read as text")
        if facts.st_size > MAX_BYTES:
            raise ToolFailure(
                f"{name} has {facts.st_size} bytes, which is more than the {MAX_BYTES} that are read at once"
            )
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)


def lines(text: str) -> list[str]:
    """Return the lines. Only newlines end a line; a last line without one counts too."""
    found = text.split("\n")
    return found[:-1] if found[-1] == "" else found


def counts(text: str, size: int) -> dict[str, int]:
    """Return the number of lines, words, characters and bytes, by name."""
    return {"lines": len(lines(text)), "words": len(text.split()), "characters": len(text), "bytes": size}


def fence_code(text: str) -> str:
    """Return the text as a markdown code block with a fence that the text cannot close."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _runs(text: str) -> list[str]:
    return ["`" * length for length in range(3, 10) if "`" * length in text]
