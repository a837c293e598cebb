"""Tool calls that arrive in fragments, put together; none is lost, and none is run that cannot be read."""

from __future__ import annotations

import json
from typing import Any

from ralph.core.llm.messages import CallPart
from ralph.providers._json import NoNumber, read_json
from ralph.providers._unicode import pair_halves, scrub

Json = dict[str, Any]
# How a call goes back that came without a name: no wire takes an empty one.
UNNAMED = "unnamed"

# What stands in place of a call's arguments that came apart from it: no JSON, so the call is told to be broken.
APART = "(its arguments came apart from it)"

_ENCODED = 4

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_Call = tuple[str, str, list[Any]]  # id, name, fragments of the arguments


class Calls:
    """Tool calls, each under the key that its wire gives it."""

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
        """Its arguments are a whole object already."""
        return key in self._calls and bool(self._calls[key][2]) and parse_arguments(self._calls[key][2]) is not None

    def same(self, key: Any, name: str, arguments: Any) -> bool:
        """It is that very call, said once more."""
        return (
            key in self._calls
            and self.name(key) == name
            and parse_arguments(self._calls[key][2]) == parse_arguments([arguments])
        )

    def has_begun(self, key: Any) -> bool:
        """Something of its arguments came."""
        return key in self._calls and bool(self._calls[key][2])

    def open(self, key: Any, id_: str, name: str) -> None:
        """A new call, or what was still missing of one."""
        old_id, old_name, arguments = self._calls.get(key, ("", "", []))
        self._calls[key] = (old_id or id_, old_name or name, arguments)

    def rename(self, key: Any, name: str) -> None:
        """The same call by the name that came in more than one fragment."""
        id_, _, arguments = self._calls[key]
        self._calls[key] = (id_, name, arguments)

    def add(self, key: Any, arguments: Any) -> None:
        """A fragment of text, the whole object, or all of the text so far and more."""
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
        """The calls in order, each with an id of its own.

        One whose arguments are no JSON object is `broken`, or left out where the answer was cut short.
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
    """Arguments without a name and an id go to the call that has none, if there is one of each.

    With more of either nobody can tell whose they are: a call that may have lost its arguments is not run without them.
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
    """The arguments as an object; None if they are none. No arguments at all are an empty object.

    A whole object after fragments repeats them. Text may hold the object as text once more, and the object twice.
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
    """The one value in the text; of a value that is repeated, and after an empty one, the last."""
    try:
        return read_json(text)
    except ValueError:
        values = _values(text)
    given = [v for v in values if v not in ({}, "", None)]
    if given and all(v == given[0] for v in given):
        return given[0]
    return {} if values and not given else _BROKEN


def _values(text: str) -> list[Any]:
    """Values that stand one after the other; none if anything else stands between them."""
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
    """What the model wrote in place of arguments."""
    return (
        pair_halves("".join(f if isinstance(f, str) else json.dumps(f) for f in fragments if f is not None)) or "null"
    )


def _unique(id_: str, ids: set[str]) -> str:
    """The id, or the first of `ID_2`, `ID_3` … that no other call of the answer has: results are paired by it."""
    unique, number = id_, 1
    while unique in ids:
        number += 1
        unique = f"{id_}_{number}"
    ids.add(unique)
    return unique
