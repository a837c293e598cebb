"""Files as text: read within bounds, counted, and said plainly where they are none."""

from __future__ import annotations

from pathlib import Path

from ralph.core.tool import ToolFailure
from ralph.tools._paths import regular

MAX_BYTES = 64 * 1024 * 1024
_SNIFFED = 8192


def content(path: Path, name: str) -> str:
    """The whole text. Raises `ToolFailure` for a folder, for what is too large, binary, or may not be read."""
    facts = regular(path)
    if facts is None:
        raise ToolFailure(
            f"{name} is {'a folder' if path.is_dir() else 'no regular file'}, which cannot be read as text"
        )
    if facts.st_size > MAX_BYTES:
        raise ToolFailure(f"{name} has {facts.st_size} bytes, which is more than the {MAX_BYTES} that are read at once")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ToolFailure(f"{name} cannot be read: {error.strerror or 'the system refused'}") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:_SNIFFED]:
        raise ToolFailure(f"{name} is a binary file of {len(data)} bytes, not a text")
    return data.decode("utf-8-sig", "replace")


def lines(text: str) -> list[str]:
    """The lines; a last one without its newline counts too, and only newlines end a line."""
    found = text.split("\n")
    return found[:-1] if found[-1] == "" else found


def counts(text: str, size: int) -> dict[str, int]:
    """How many there are of each."""
    return {"lines": len(lines(text)), "words": len(text.split()), "characters": len(text), "bytes": size}


def fenced(text: str) -> str:
    """The text as a block of markdown code that it cannot close itself."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _runs(text: str) -> list[str]:
    return ["`" * length for length in range(3, 10) if "`" * length in text]
