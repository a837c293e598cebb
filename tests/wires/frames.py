"""What every wire is made of: frames of bytes with a pause before them, and the count of text pieces so far."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple


class Frame(NamedTuple):
    """`piece`: it carries text of the answer, so that faults can count. `content`: it carries any of the answer."""

    data: bytes
    piece: bool = False
    content: bool = False


Frames = Iterator[Frame]


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sse(value: Any, event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    data = value if isinstance(value, str) else dumps(value)
    return f"{head}data: {data}\n\n".encode()


def arguments_text(call: Any) -> str:
    """The arguments as the model would write them; a string stands for itself, so that it can be broken."""
    arguments = call.get("arguments", {})
    return arguments if isinstance(arguments, str) else dumps(arguments)


def halves(text: str) -> list[str]:
    """A text in two fragments, as arguments come over the wire."""
    middle = len(text) // 2
    return [part for part in (text[:middle], text[middle:]) if part]
