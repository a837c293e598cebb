"""Schemas of servers, in the form that every vendor takes: an object, without references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 24
MAX_NODES = 5_000
# Keywords at the top that some vendors refuse in the arguments of a tool.
_NOT_ON_TOP = ("oneOf", "anyOf", "allOf", "not", "if", "then", "else")
_DROPPED = ("$schema", "$id", "$defs", "definitions", "$anchor", "$comment", "x-mcp-header")
_BY_NAME = ("properties", "patternProperties", "dependentSchemas")


class UnusableSchema(ValueError):
    """The schema cannot be declared to a model; the message says why."""


def make_valid(schema: Any) -> dict[str, Any]:
    """Return the schema as an object schema without references. Raises `UnusableSchema`."""
    if not isinstance(schema, Mapping):
        raise UnusableSchema("its schema is not an object")
    made = _Inliner(schema).inline(schema)
    made.setdefault("type", "object")
    if made["type"] != "object" and not (isinstance(made["type"], list) and "object" in made["type"]):
        raise UnusableSchema(f"its arguments are of type {made['type']!r}, and not an object")
    made["type"] = "object"
    for keyword in _NOT_ON_TOP:
        made.pop(keyword, None)
    properties = made.get("properties")
    made["properties"] = properties if isinstance(properties, dict) else {}
    required = made.get("required")
    names = [n for n in required if isinstance(n, str)] if isinstance(required, list) else []
    made.pop("required", None)
    if kept := [n for n in names if n in made["properties"]]:
        made["required"] = kept
    return made


class _Inliner:
    """Replaces references inside a document by what they name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._nodes = 0

    def inline(self, node: Mapping[str, Any], open_refs: tuple[str, ...] = (), depth: int = 0) -> dict[str, Any]:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise UnusableSchema("its schema is too large, or nested too deeply")
        made: dict[str, Any] = {}
        for key, value in node.items():
            if key in ("$ref", "$dynamicRef"):
                made.update(self._follow(value, open_refs, depth))
            elif key in _BY_NAME and isinstance(value, Mapping):
                made[key] = {name: self._value(one, open_refs, depth) for name, one in value.items()}
            elif key not in _DROPPED:
                made[key] = (
                    value if key in ("enum", "const", "default", "examples") else self._value(value, open_refs, depth)
                )
        return made

    def _value(self, value: Any, open_refs: tuple[str, ...], depth: int) -> Any:
        if isinstance(value, Mapping):
            return self.inline(value, open_refs, depth + 1)
        if isinstance(value, list | tuple):
            return [self._value(one, open_refs, depth + 1) for one in value]
        return value

    def _follow(self, ref: Any, open_refs: tuple[str, ...], depth: int) -> dict[str, Any]:
        """Return what a reference names; anything for one that leads to itself. Nothing is ever fetched."""
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise UnusableSchema(f"its schema refers to another document ({str(ref)[:80]})")
        if ref in open_refs:
            return {}
        target: Any = self._document
        for part in ref.removeprefix("#").split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, Mapping) or name not in target:
                raise UnusableSchema(f"its schema refers to {ref[:80]}, which is not in it")
            target = target[name]
        if target is True or target == {}:
            return {}
        if not isinstance(target, Mapping):
            raise UnusableSchema(f"its schema refers to {ref[:80]}, which is not a schema")
        return self.inline(target, (*open_refs, ref), depth + 1)
