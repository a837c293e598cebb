"""Removes from JSON Schemas the keywords that a vendor's constrained decoding refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

# Anthropic compiles a schema to a grammar and answers 400 to bounds; its own SDK moves bounds into descriptions.
NO_BOUNDS = frozenset(
    (
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    )
)
# OpenAI's strict mode documents bounds of numbers and arrays, not of strings.
NO_LENGTHS = frozenset(("minLength", "maxLength"))

_BY_NAME = ("properties", "$defs", "definitions", "patternProperties")  # their keys are names, not keywords


def without(schema: Mapping[str, Any], keywords: Collection[str]) -> dict[str, Any]:
    """Return the schema without these keywords, at any depth. The reader of the answer must check the bounds."""
    return {
        key: _by_name(value, keywords) if key in _BY_NAME else _inside(value, keywords)
        for key, value in schema.items()
        if key not in keywords
    }


def _inside(value: Any, keywords: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        return without(value, keywords)
    if isinstance(value, list | tuple):
        return [_inside(v, keywords) for v in value]
    return value


def _by_name(value: Any, keywords: Collection[str]) -> Any:
    return {name: _inside(v, keywords) for name, v in value.items()} if isinstance(value, Mapping) else value
