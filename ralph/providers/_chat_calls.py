"""Assigns fragments to calls, for servers that number and name their calls in different ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ralph.core.llm.messages import CallPart
from ralph.providers._calls import Calls, parse_arguments


class ChatCalls:
    """The calls of one chat answer.

    A repeated id means the same call. A new id starts a call, even at an index that had another call. Without an id
    the index decides; without an index a name starts a call, and a fragment without a name belongs to the last call.
    A call with whole arguments takes no more: the next fragment at its index is the next call, or a repetition.
    """

    def __init__(self) -> None:
        self._calls = Calls()
        self._slots: dict[Any, int] = {}  # by index: the call that received the last fragment
        self._ids: dict[tuple[Any, str], int] = {}
        self._last: int | None = None

    def take(self, delta: Mapping[str, Any], *, whole: bool = False) -> Iterator[str]:
        """Take the calls in a delta; yield the argument text to show. `whole`: the calls may have arrived before."""
        given = delta.get("tool_calls")
        if isinstance(given, Mapping):
            given = [given] if {"function", "name", "id"} & given.keys() else list(given.values())
        if given and not isinstance(given, list):
            raise TypeError(f"{given!r} in place of calls")
        for call in given or ():
            if call is not None:
                yield from self._one(call, whole)
        if legacy := delta.get("function_call"):
            yield from self._one({"index": "function_call", "function": legacy}, whole)

    def parts(self, *, cut_short: bool) -> tuple[CallPart, ...]:
        return self._calls.parts(cut_short=cut_short)

    def _one(self, call: Any, whole: bool) -> Iterator[str]:
        function = call.get("function") or {k: v for k, v in call.items() if k in ("name", "arguments", "input")}
        if isinstance(function, str):
            function = {**call, "name": function}
        id_, name = _text(call.get("id")), _text(function.get("name"))
        arguments = function.get("arguments", function.get("parameters", function.get("input")))
        index = _index(call.get("index"))
        if whole and self._repeats(id_, name, arguments):
            return
        key = self._key(index, id_, name, arguments)
        if key is None:
            return
        self._slots[index] = self._last = key
        if id_:
            self._ids[index, id_] = key
        self._name(key, id_, name)
        if arguments not in (None, "", []):
            self._calls.add(key, arguments)
            if isinstance(arguments, str):
                yield arguments

    def _key(self, index: Any, id_: str, name: str, arguments: Any) -> int | None:
        """Return the key of the call that a fragment belongs to; None for a repetition."""
        if id_:
            return self._key_by_id(index, id_, name)
        new = len(self._calls)
        slot = self._slots.get(index) if index is not None else self._last
        same = slot is not None and name == self._calls.name(slot) and self._calls.has_begun(slot)
        if slot is None or (index is None and name and not same):
            return new
        if not name or not self._calls.has_begun(slot):
            return slot
        if self._calls.whole(slot) and arguments not in (None, "", []):
            return None if self._calls.same(slot, name, arguments) else new
        return slot if name == self._calls.name(slot) else new

    def _key_by_id(self, index: Any, id_: str, name: str) -> int:
        key = self._ids.get((index, id_)) if index is not None else self._by_id(id_)
        if key is None:
            slot = self._slots.get(index) if index is not None else None
            late = slot is not None and not self._calls.id(slot) and not self._calls.whole(slot)
            return slot if slot is not None and late else len(self._calls)
        another = name and self._calls.name(key) != name and self._calls.whole(key)
        return len(self._calls) if another else key

    def _name(self, key: int, id_: str, name: str) -> None:
        """Set the name of a call. A name may arrive in fragments, repeatedly, or longer each time."""
        before = self._calls.name(key)
        self._calls.open(key, id_, name)
        if before and name and name != before and not self._calls.has_begun(key):
            self._calls.rename(key, name if name.startswith(before) else before + name)

    def _by_id(self, id_: str) -> int | None:
        return next((key for (_, known), key in self._ids.items() if known == id_), None)

    def _repeats(self, id_: str, name: str, arguments: Any) -> bool:
        """Return whether a whole message at the end repeats its fragments."""
        if id_ and (key := self._by_id(id_)) is not None:
            return self._calls.whole(key) or parse_arguments([arguments]) is None
        return any(self._calls.same(key, name, arguments) for key in range(len(self._calls)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _index(value: Any) -> Any:
    """Return the index as a number, if the server sent a number or its text; else None."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else None
