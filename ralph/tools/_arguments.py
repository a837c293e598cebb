"""Checks a model's arguments against a tool's schema before the tool sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import ToolFailure

MAX_TEXT = 4000


def check_arguments(spec: ToolSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given arguments, each of its declared type; null counts as not given.

    A quoted number or boolean is accepted. Raises `ToolFailure`, which names the argument and the allowed values.
    """
    if not isinstance(arguments, Mapping):
        raise ToolFailure(f"{spec.name} takes an object of arguments")
    known: Mapping[str, Any] = spec.schema["properties"]
    given = {str(name): value for name, value in arguments.items() if value is not None}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ToolFailure(f"{spec.name} has no argument '{unknown[0][:40]}'; it has {', '.join(known)}")
    missing = [name for name in spec.schema.get("required", ()) if name not in given]
    if missing:
        raise ToolFailure(f"{spec.name} needs the argument '{missing[0]}'")
    return {name: _value(name, value, known[name]) for name, value in given.items()}


def _value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    match schema["type"]:
        case "string":
            return _text(name, value, schema)
        case "integer":
            return _integer(name, value, schema)
        case "array":
            return _list(name, value)
        case "boolean":
            word = str(value).lower()
            if word not in ("true", "false"):
                raise ToolFailure(f"'{name}' must be true or false")
            return word == "true"
        case other:
            raise ToolFailure(f"'{name}' is declared as {other}, which this tool cannot read")


def _text(name: str, value: Any, schema: Mapping[str, Any]) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ToolFailure(f"'{name}' must be a text")
    longest = schema.get("maxLength", MAX_TEXT)
    if len(value) > longest or "\0" in value:
        raise ToolFailure(f"'{name}' must be a text of at most {longest} characters, without a NUL")
    allowed = schema.get("enum")
    if allowed and value not in allowed:
        raise ToolFailure(f"'{name}' must be one of {', '.join(allowed)}; it was '{value[:40]}'")
    return value


def _list(name: str, value: Any) -> list[str]:
    """Return a list of texts; models also write it as JSON inside a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ToolFailure(f"'{name}' must be a list of texts") from None
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) and "\0" not in part for part in value):
        raise ToolFailure(f"'{name}' must be a list of texts, without a NUL")
    return list(value)


def _integer(name: str, value: Any, schema: Mapping[str, Any]) -> int:
    try:
        number = value if isinstance(value, int) else int(str(value)[:20])
        if isinstance(value, bool) or (isinstance(value, float) and value != number):
            raise ValueError
    except (ValueError, OverflowError):
        raise ToolFailure(f"'{name}' must be a whole number") from None
    least, most = schema.get("minimum", -(10**9)), schema.get("maximum", 10**9)
    if not least <= number <= most:
        raise ToolFailure(f"'{name}' must be from {least} to {most}")
    return number
