"""Events to JSON and back: a strict writer, a tolerant reader, one upcaster per version."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from ralph.core.errors import Kind, StoreFailure
from ralph.core.llm.messages import PARTS
from ralph.core.log.envelope import VERSION, Envelope
from ralph.core.log.events import EVENTS, Unknown
from ralph.core.sanitise import escape_json

Json = dict[str, Any]
Upcaster = Callable[[str, Json], Json]

# From version n to n + 1, by event type and data. Old logs stay readable: entries are only added.
UPCASTERS: dict[int, Upcaster] = {}

_encode_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Any) -> str:
    """Return compact JSON; lone surrogates, which a broken provider can send, become the replacement character."""
    text = _encode_text(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text


def dump_visible(value: Any) -> str:
    """Return JSON for stdout: terminal control characters and invisible characters become `\\u` escapes."""
    return escape_json(dumps(value))


def plain(value: Any) -> Any:
    """Return a record as plain JSON values."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, str | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Unknown):
        return dict(value.data)
    if is_dataclass(value):
        cls: Any = type(value)
        data = {name: plain(getattr(value, attr)) for name, attr in _names(cls)}
        return {"type": cls.type, **data} if cls in _TAGGED else data
    raise TypeError(f"no JSON for {type(value).__name__}")


def to_json(envelope: Envelope) -> Json:
    """Return the JSON object of an envelope."""
    return {
        "v": envelope.v,
        "timeline": envelope.timeline,
        "seq": envelope.seq,
        "turn": envelope.turn,
        "at": envelope.at,
        "ms": envelope.ms,
        "type": envelope.event.type,
        "data": plain(envelope.event),
    }


def from_json(data: Json) -> Envelope:
    """Read an envelope of this or any older version; of a newer version, read the known parts."""
    try:
        return envelope_of(
            timeline=data["timeline"],
            seq=data["seq"],
            turn=data["turn"],
            at=data["at"],
            ms=data["ms"],
            kind=data["type"],
            v=data["v"],
            data=data["data"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreFailure(f"this is not an event that ralph can read: {error!r}") from error


def envelope_of(*, timeline: str, seq: int, turn: int, at: str, ms: float, kind: str, v: int, data: Json) -> Envelope:
    """Return an envelope from its columns. Unknown types become `Unknown`; unknown fields are left out."""
    for version in range(v, VERSION):
        data = UPCASTERS[version](kind, data)
    made = EVENTS.get(kind)
    event = build(made, data) if made else Unknown(kind, data)
    return Envelope(_word(timeline), seq, turn, at, ms, event, v)


def build(cls: Any, data: Mapping[str, Any]) -> Any:
    """Build a dataclass from JSON by its type hints; missing fields have their defaults."""
    return _builder(cls)(data)


_SCALARS = frozenset((str, int, float, bool, type(None)))
_TAGGED = frozenset(PARTS.values())


@cache
def _names(cls: Any) -> tuple[tuple[str, str], ...]:
    return tuple((f.name.rstrip("_"), f.name) for f in fields(cls))


@cache
def _builder(cls: Any) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that builds this dataclass from JSON.

    The function calls no constructor and sets no field that has its default (most fields of an event are `null`, `""`
    or 0): the class has each plain default as an attribute, and instances find it there.
    """
    hints = get_type_hints(cls)
    plan = tuple(
        (f.name, f.name.rstrip("_"), _reader(hints[f.name]), f.default, f.default_factory) for f in fields(cls)
    )
    new, put = object.__new__, object.__setattr__

    def builder(data: Mapping[str, Any]) -> Any:
        made, get = new(cls), data.get
        for attr, name, read, default, factory in plan:
            value = get(name, _MISSING)
            if value is default:
                continue
            if value is _MISSING:
                if default is not MISSING:
                    continue
                if factory is MISSING:
                    raise KeyError(f"{cls.__name__}.{name}")
                value = factory()
            elif read is not _same:
                value = read(value)
            put(made, attr, value)
        return made

    return builder


# Stands for a field that the JSON lacks; `MISSING` is a default that the class lacks.
_MISSING = object()

# Models, states, kinds and names repeat: interned, ten thousand blocks need a fifth less memory. Longest such text.
_WORD = 48


def _same(value: Any) -> Any:
    return value


def _word(value: Any) -> Any:
    return sys.intern(value) if type(value) is str and len(value) <= _WORD else value


def _text(value: Any) -> Any:
    if type(value) is not str:
        raise TypeError(f"{type(value).__name__} in place of a text")
    return sys.intern(value) if len(value) <= _WORD else value


def _reader(hint: Any) -> Callable[[Any], Any]:
    """Return a function that reads a JSON value of this type hint."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union_reader(get_args(hint))
    if origin is tuple:
        return _tuple_reader(get_args(hint))
    if is_dataclass(hint):
        return _builder(cast(Any, hint))
    if hint is Kind:
        return _kind
    if hint is str or origin is Literal:
        return _text
    return _same


def _union_reader(options: tuple[Any, ...]) -> Callable[[Any], Any]:
    rest = [o for o in options if o is not type(None)]
    if set(rest) <= _TAGGED:
        return lambda value: build(PARTS[value["type"]], value)
    read = _reader(rest[0])
    return _same if read is _same else lambda value: None if value is None else read(value)


def _tuple_reader(options: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(options) == 2 and options[1] is Ellipsis:
        read = _reader(options[0])
        return lambda value: tuple(map(read, value))
    return tuple


def _kind(value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError:  # a kind from a newer version
        return Kind.INTERNAL
