"""What the fold of every wire shares: pieces and reports gathered until they are drained, calls put together."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from ralph.core.events import Channel
from ralph.core.messages import CallPart
from ralph.core.provider import Answer, Item, Piece, Report
from ralph.core.usage import Usage
from ralph.providers._failures import Party, bad_arguments, request_id

Json = dict[str, Any]


class Fold(ABC):
    """Folds the events of one answer. `done`: its wire's end came, nothing more is read."""

    def __init__(self, who: Party) -> None:
        self.who = who
        self.done = False
        self._channel: Channel = "text"
        self._fragments: list[str] = []
        self._items: list[Item] = []

    @property
    def complete(self) -> bool:
        """The whole answer came: the wire's terminal event was seen."""
        return self.done

    def head(self, headers: Mapping[str, str]) -> None:
        """What the response's headers tell, before any event."""
        request = request_id(headers)
        if request:
            self.report(request_id=request)

    @abstractmethod
    def take(self, event: Json) -> None:
        """One event of the wire. Raises `ProviderFailure` if it tells of one."""

    @abstractmethod
    def answer(self) -> Answer:
        """The whole answer; only after `complete`."""

    def add(self, channel: Channel, text: str) -> None:
        """A fragment; those of one channel that follow each other become one piece."""
        if type(text) is not str:
            raise TypeError(f"{text!r} in place of text")
        if channel != self._channel:
            self._flush()
            self._channel = channel
        self._fragments.append(text)

    def report(
        self,
        usage: Usage | None = None,
        raw_usage: Mapping[str, Any] | None = None,
        model: str | None = None,
        provider: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self._flush()
        self._items.append(Report(usage, raw_usage, model, provider, request_id))

    def drain(self) -> list[Item]:
        """What came since the last time."""
        self._flush()
        items, self._items = self._items, []
        return items

    def _flush(self) -> None:
        if self._fragments:
            text = "".join(self._fragments)
            self._fragments.clear()
            self._items.append(Piece(self._channel, text))


class Calls:
    """Tool calls that arrive in fragments, each under the key that its wire gives it."""

    def __init__(self, who: Party) -> None:
        self._who = who
        self._calls: dict[Any, tuple[str, str, list[Any]]] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __contains__(self, key: Any) -> bool:
        return key in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def open(self, key: Any, id_: str, name: str) -> None:
        """A new call, or what was still missing of one."""
        old_id, old_name, arguments = self._calls.get(key, ("", "", []))
        self._calls[key] = (old_id or id_, old_name or name, arguments)

    def add(self, key: Any, arguments: Any) -> None:
        """A fragment of text, or the whole object."""
        if key not in self._calls:
            self.open(key, "", "")
        self._calls[key][2].append(arguments)

    def parts(self, *, cut_short: bool = False) -> tuple[CallPart, ...]:
        """The calls in order. One that is no JSON object is a failure, or left out where the answer was cut short."""
        made: list[CallPart] = []
        for number, (id_, name, fragments) in enumerate(self._calls.values()):
            arguments = parsed(fragments)
            if arguments is None or not name:
                if cut_short:
                    continue
                raise bad_arguments(self._who, name, "".join(map(str, fragments)))
            made.append(CallPart(id_ or f"call_{number}", name, arguments))
        return tuple(made)


def parsed(fragments: list[Any]) -> Json | None:
    """The arguments as an object; None if they are none. No arguments at all are an empty object."""
    if fragments and isinstance(fragments[-1], dict):
        return fragments[-1]
    if not all(isinstance(f, str) for f in fragments):
        return None
    text = "".join(fragments)
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def count(data: Any, *names: str) -> int:
    """A number inside nested objects; 0 where anything on the way is missing."""
    for name in names:
        data = data.get(name) if isinstance(data, Mapping) else None
    return int(data) if isinstance(data, int | float) else 0
