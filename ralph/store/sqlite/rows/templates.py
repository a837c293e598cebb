"""Fills the values of a row into the parsed form: the JSON of a row is not put together and read again each time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ralph.store.sqlite.rows.forms import join

# `json.loads` first detects the encoding of bytes, which takes a quarter of its time.
parse = json.JSONDecoder().decode

_Fill = tuple[Any, tuple[tuple[Any, int], ...], tuple[tuple[Any, Any], ...]]


class Template:
    """A form with its places for values. Objects without any are shared between events, which never change them."""

    def __init__(self, parts: Sequence[str]) -> None:
        self._parts = parts
        self._count = len(parts) - 1
        self._fill = _compile(parts)

    def read(self, values: Sequence[str], texts: Mapping[int, str]) -> Any:
        """Return the JSON value of a row. Raises `KeyError` for a lost text, and `ValueError` for a damaged row."""
        written = [value for value in values if value[0] not in "@#~%="]
        if self._fill is None or (len(written) < len(values) and any(value[0] in "#~%=" for value in values)):
            return parse(join(self._parts, values, texts))
        found: list[Any] = parse(f"[{','.join(written)}]")
        if len(values) != self._count or len(found) != len(written):
            raise ValueError("the values do not fit the form")
        if len(written) < len(values):
            rest = iter(found)
            found = [texts[int(value[1:])] if value[0] == "@" else next(rest) for value in values]
        return _fill_in(self._fill, found)


def _fill_in(fill: _Fill, values: Sequence[Any]) -> Any:
    base, places, below = fill
    made = base.copy()
    for key, number in places:
        made[key] = values[number]
    for key, inner in below:
        made[key] = _fill_in(inner, values)
    return made


def _compile(parts: Sequence[str]) -> _Fill | None:
    """Return where the values go; None if one of them is only a part of a string."""
    marks = [f"\0{number}" for number in range(len(parts) - 1)]
    try:
        base = parse(join(parts, [json.dumps(mark) for mark in marks], {}))
    except ValueError:
        return None
    found: list[int] = []
    fill = _places(base, {mark: number for number, mark in enumerate(marks)}, found)
    return fill if isinstance(base, dict) and found == list(range(len(marks))) else None


def _places(value: Any, marks: Mapping[str, int], found: list[int]) -> _Fill:
    places: list[tuple[Any, int]] = []
    below: list[tuple[Any, Any]] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, str) and inner in marks:
            places.append((key, marks[inner]))
            found.append(marks[inner])
        elif isinstance(inner, dict | list):
            before = len(found)
            fill = _places(inner, marks, found)
            if len(found) > before:
                below.append((key, fill))
    return value, tuple(places), tuple(below)
