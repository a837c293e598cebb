"""Assembles tool calls that arrive in fragments. No call is lost, and no unreadable call is run."""

from __future__ import annotations

import json
from typing import Any

from ralph.core.llm.messages import CallPart
from ralph.providers._json import NoNumber, read_json
from ralph.providers._unicode import pair_halves, scrub

Json = dict[str, Any]
# The name that a call without a name goes back with: no wire accepts an empty name.
UNNAMED = "unnamed"

# Replaces the arguments of a call that arrived separately from it. The text is no JSON, so the call counts as broken.
APART = "(its arguments came apart from it)"

_ENCODED = 4

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_Call = tuple[str, str, list[Any]]  # id, name, fragments of the arguments


class Calls:
    """Tool calls, each under the key that its wire assigns."""

    def __init__(self) -> None:
        self._calls: dict[Any, _Call] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __contains__(self, key: Any) -> bool:
        return key in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def id(self, key: Any) -> str:
        return self._calls[key][0] if key in self._calls else ""

    def name(self, key: Any) -> str:
        return self._calls[key][1] if key in self._calls else ""

    def whole(self, key: Any) -> bool:
        """Return whether the arguments of the call are already a whole object."""
        return key in self._calls and bool(self._calls[key][2]) and parse_arguments(self._calls[key][2]) is not None

    def same(self, key: Any, name: str, arguments: Any) -> bool:
        """Return whether this is the same call, repeated."""
        return (
            key in self._calls
            and self.name(key) == name
            and parse_arguments(self._calls[key][2]) == parse_arguments([arguments])
        )

    def has_begun(self, key: Any) -> bool:
        """Return whether any argument fragment of the call has arrived."""
        return key in self._calls and bool(self._calls[key][2])

    def open(self, key: Any, id_: str, name: str) -> None:
        """Add a new call, or fill in the parts that a known call still lacks."""
        old_id, old_name, arguments = self._calls.get(key, ("", "", []))
        self._calls[key] = (old_id or id_, old_name or name, arguments)

    def rename(self, key: Any, name: str) -> None:
        """Rename the call, because its name arrived in more than one fragment."""
        id_, _, arguments = self._calls[key]
        self._calls[key] = (id_, name, arguments)

    def add(self, key: Any, arguments: Any) -> None:
        """Add arguments: a text fragment, the whole object, or a longer repetition of the text so far."""
        if key not in self._calls:
            self.open(key, "", "")
        fragments = self._calls[key][2]
        if isinstance(arguments, str) and fragments and all(isinstance(f, str) for f in fragments):
            before = sum(map(len, fragments))
            if (
                1 < before < len(arguments)
                and arguments.startswith("".join(fragments))
                and parse_arguments([arguments])
            ):
                fragments.clear()
        fragments.append(arguments)

    def parts(self, *, cut_short: bool = False) -> tuple[CallPart, ...]:
        """Return the calls in order, each with a unique id.

        A call whose arguments are not a JSON object is `broken`. If the answer was cut short, such a call is left out.
        """
        made: list[CallPart] = []
        ids: set[str] = set()
        for number, (id_, name, fragments) in enumerate(_reunite(list(self._calls.values()))):
            arguments = parse_arguments(fragments)
            if cut_short and (arguments is None or not name):
                continue
            unique = _unique(pair_halves(id_) or f"call_{number}", ids)
            broken = "" if arguments is not None else _join_fragments(fragments)
            made.append(CallPart(unique, pair_halves(name).strip() or UNNAMED, arguments or {}, broken))
        return tuple(made)


def _reunite(calls: list[_Call]) -> list[_Call]:
    """Give arguments without a name and an id to the call without arguments, if there is exactly one of each.

    With more of either, the pairing is unknown. A call that may have lost its arguments must not run without them.
    """
    lone = [c for c in calls if not c[0] and not c[1] and any(f not in _EMPTY for f in c[2])]
    bare = [c for c in calls if c[1] and all(f in _EMPTY for f in c[2])]
    if not lone or not bare:
        return calls
    if len(lone) == len(bare) == 1:
        (id_, name, _), (_, _, fragments) = bare[0], lone[0]
        return [(id_, name, fragments) if c is bare[0] else c for c in calls if c is not lone[0]]
    return [(c[0], c[1], [APART]) if c in bare else c for c in calls]


def parse_arguments(fragments: list[Any]) -> Json | None:
    """Return the arguments as an object, or None if they are not one. Missing arguments are an empty object.

    A whole object after fragments repeats the fragments. Text may hold the object encoded as text again, or twice.
    """
    objects = [f for f in fragments if isinstance(f, dict)]
    texts = [f for f in fragments if isinstance(f, str) and not isinstance(f, NoNumber)]
    if len(objects) + len(texts) < sum(f is not None and f != [] for f in fragments):
        return None
    whole = next((o for o in reversed(objects) if o), None)
    return _object("".join(texts) if whole is None else whole)


def _object(value: Any) -> Json | None:
    for _ in range(_ENCODED):
        if not isinstance(value, str):
            break
        if not value.strip():
            return {}
        value = _read(value)
    if value is None or value == []:
        return {}
    return scrub(value) if isinstance(value, dict) else None


_BROKEN = object()


def _read(text: str) -> Any:
    """Return the one value in the text. Of repeated values, or after an empty value, return the last."""
    try:
        return read_json(text)
    except ValueError:
        values = _values(text)
    given = [v for v in values if v not in ({}, "", None)]
    if given and all(v == given[0] for v in given):
        return given[0]
    return {} if values and not given else _BROKEN


def _values(text: str) -> list[Any]:
    """Return the values that follow each other; return none if anything else stands between them."""
    decoder, made, rest = json.JSONDecoder(), [], text.lstrip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            return []
        made.append(value)
        if len(made) > _ENCODED:
            return []
        rest = rest[end:].lstrip()
    return made


def _join_fragments(fragments: list[Any]) -> str:
    """Return the text that the model wrote in place of arguments."""
    return (
        pair_halves("".join(f if isinstance(f, str) else json.dumps(f) for f in fragments if f is not None)) or "null"
    )


def _unique(id_: str, ids: set[str]) -> str:
    """Return the id, or the first unused of `ID_2`, `ID_3` …: results are paired with calls by id."""
    unique, number = id_, 1
    while unique in ids:
        number += 1
        unique = f"{id_}_{number}"
    ids.add(unique)
    return unique
