"""Reads text where a wire documents text, whatever the server sends there."""

from __future__ import annotations

from typing import Any


def text_of(value: Any) -> str:
    """Return the text of a value: a string, the text of its parts, or a number as it was written.

    Null, false and an empty list or object give no text. Raises `TypeError` for other values, which may have been text;
    the caller reports it as an answer of a strange form.
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
    """Return the value if it is an object, else an empty object."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return the value if it is a list; an object becomes a list of one, anything else an empty list."""
    return value if isinstance(value, list) else [value] if isinstance(value, dict) and value else []


def number_of(value: Any) -> int | None:
    """Return a whole number, also from text or a float; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) else None
