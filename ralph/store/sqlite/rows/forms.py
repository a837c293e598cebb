"""Splits the JSON of an event into a form, which many events share, and the values of this event.

The form is the list of the pieces of JSON between the values. A value is JSON too, or a reference to a text of the
timeline, which is stored once however many events repeat it:

    @n   the text as a JSON string
    #n   the text as it is: a piece of JSON
    ~n   the inside of the JSON string: without its quotes
    %n   the inside of a JSON string in a JSON string: an answer in the maker's own form (`message.opaque`)
    =…   the inside of a JSON string, written out

Joined again, the JSON is byte for byte what it was. The view `events` does the same in SQL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
PutText = Callable[[str], int]

# A text is stored once and referred to from this length on; a reference and its row take about 20 bytes.
SHARED = 40
# More values or a longer form would be repeated by no other event.
_MANY = 12
_LONG = 4_000

# Texts under these names are one of a few words, which repeat from event to event.
_WORDS = frozenset(("type", "kind", "status", "outcome", "source", "provider", "model", "channel", "role", "effect"))
_WORDS |= frozenset(("decision", "by", "stop_reason", "cause", "route", "tool", "format"))
# Everything under these names repeats from event to event.
_REPEATED = frozenset(("price", "roles", "settings", "tools", "versions"))
# What a model or a plugin writes has a structure of its own each time.
_FREE = frozenset(("arguments",))
_OPAQUE = "json"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quote = json.encoder.encode_basestring
_NUMBERS = (int, float)
_REFERENCES = frozenset("@#~%")
_MARKS = _REFERENCES | {"="}
_CONSTANTS: Mapping[Any, str] = {None: "null", True: "true", False: "false", "": '""'}


class _Splitter:
    def __init__(self, put: PutText) -> None:
        self.parts: list[str] = []
        self.values: list[str] = []
        self._open: list[str] = []
        self._put = put
        self._texts: list[tuple[str, int]] = []

    def finish(self) -> None:
        self.parts.append("".join(self._open))

    def _value(self, value: str) -> None:
        self.parts.append("".join(self._open))
        self._open.clear()
        self.values.append(value)

    def record(self, record: Json) -> None:
        """Add an object. Its numbers belong to the form if all of them are zero, as in the usage of a skipped step."""
        add = self._open.append
        zero = not any(value for value in record.values() if type(value) in _NUMBERS)
        between = "{"
        for name, value in record.items():
            add(f"{between}{_quote(name)}:")
            between = ","
            kind = type(value)
            if value is None or kind is bool or value == "":
                add(_CONSTANTS[value])
            elif name in _REPEATED:
                add(_encode(value))
            elif kind in _NUMBERS:
                number = str(value) if kind is int else _encode(value)
                if zero:
                    add(number)
                else:
                    self._value(number)
            elif kind is str and name in _WORDS and len(value) < SHARED:
                add(_quote(value))
            elif kind is str and name == _OPAQUE:
                self._opaque(value)
            elif name in _FREE:
                self._piece(value)
            else:
                self._other(value)
        add("}" if between == "," else "{}")

    def _other(self, value: Any) -> None:
        if type(value) is str:
            self._text(value)
        elif type(value) is dict and len(value) <= _MANY * 2:
            self.record(value)
        elif type(value) is list and len(value) <= _MANY and all(type(one) is dict for one in value):
            self._open.append("[")
            for place, one in enumerate(value):
                if place:
                    self._open.append(",")
                self.record(one)
            self._open.append("]")
        else:
            self._piece(value)

    def _text(self, value: str) -> None:
        if len(value) < SHARED or not sharable(value):
            self._value(_quote(value))
            return
        number = self._put(value)
        self._texts.append((value, number))
        self._value(f"@{number}")

    def _piece(self, value: Any) -> None:
        text = _encode(value)
        self._value(text if len(text) < SHARED or not sharable(text) else f"#{self._put(text)}")

    def _opaque(self, value: str) -> None:
        """Add a string of JSON; the texts of the event that it repeats are referred to."""
        pieces: list[str | int] = [value]
        for text, number in self._texts:
            inside = _quote(text)[1:-1]
            pieces = [new for old in pieces for new in (_cut(old, inside, number) if type(old) is str else [old])]
        self._open.append('"')
        for piece in pieces:
            if type(piece) is int:
                self._value(f"%{piece}")
            elif len(str(piece)) < SHARED or not sharable(str(piece)):
                self._value(f"={_quote(str(piece))[1:-1]}")
            else:
                self._value(f"~{self._put(str(piece))}")
        self._open.append('"')


def sharable(text: str) -> bool:
    """Return whether SQL's functions of text can handle it: they stop at a NUL."""
    return "\0" not in text


def _cut(whole: str, inside: str, number: int) -> list[str | int]:
    before, found, after = whole.partition(inside)
    return [piece for piece in (before, number, after) if piece != ""] if found else [whole]


def split(data: Json, put: PutText) -> tuple[str, str] | None:
    """Return the form (a JSON list) and the values, a line each; None for an event without a useful form.

    `put` stores a text and returns its number in the timeline. `data` holds no lone surrogates.
    """
    splitter = _Splitter(put)
    splitter.record(data)
    splitter.finish()
    form = _encode(splitter.parts)
    return (form, "\n".join(splitter.values)) if len(form) <= _LONG else None


def values_of(data: str) -> list[str]:
    """Return the values of a row."""
    return data.split("\n") if data else []


def texts_of(values: Sequence[str]) -> list[int]:
    """Return the numbers of the texts that these values refer to."""
    return [int(value[1:]) for value in values if value[:1] in _REFERENCES]


def join(parts: Sequence[str], values: Sequence[str], texts: Mapping[int, str]) -> str:
    """Return the JSON that was split. Raises `KeyError` for a text that is lost."""
    made = [""] * (2 * len(parts) - 1)
    made[::2] = parts
    made[1::2] = [value if value[0] not in _MARKS else _read(value, texts) for value in values]
    return "".join(made)


def _read(value: str, texts: Mapping[int, str]) -> str:
    mark = value[0]
    if mark == "=":
        return value[1:]
    text = texts[int(value[1:])]
    if mark == "@":
        return _quote(text)
    if mark == "~":
        return _quote(text)[1:-1]
    return text if mark == "#" else _quote(_quote(text)[1:-1])[1:-1]
