"""Text where a wire documents it, whatever stands there."""

from __future__ import annotations

from typing import Any


def text_of(value: Any) -> str:
    """The text of a value: itself, that of its parts, or a number as it was written (some servers do not quote it).

    Nothing (null, false, an empty list or object) is no text. Raises `TypeError` for anything else, which is then told
    as an answer of a strange form, since it may have been text.
    """
    if isinstance(value, str):
        return str(value)
    if not value:
        return "0" if value == 0 and not isinstance(value, bool | list | dict) and value is not None else ""
    if isinstance(value, list):
        return "".join(text_of(part) for part in value)
    if isinstance(value, dict) and "text" in value:
        return text_of(value["text"])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"{str(value)[:80]!r} in place of text")


def as_object(value: Any) -> dict[str, Any]:
    """The value, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value, if it is a list; an object stands for a list of one; else an empty list."""
    return value if isinstance(value, list) else [value] if isinstance(value, dict) and value else []


def number_of(value: Any) -> int | None:
    """A whole number, also as text or as a float; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) else None
