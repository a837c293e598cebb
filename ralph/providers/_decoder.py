"""The base of every wire's decoder: it collects pieces and usage reports until they are drained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

from ralph.core.llm.messages import Part, TextPart, ThinkingPart
from ralph.core.llm.request import Answer, Channel, Item, Piece, Report, Restart
from ralph.core.llm.usage import Usage
from ralph.providers._failures import Peer, request_id
from ralph.providers._figures import Figures, Tally
from ralph.providers._think_tags import Split, ThinkTags
from ralph.providers._unicode import is_unfinished, pair_halves, scrub

Said = Literal["text", "thinking"]
Json = dict[str, Any]


class StreamDecoder(ABC):
    """Decodes the events of one answer. `done`: the wire's end has arrived, so nothing more is read."""

    def __init__(self, who: Peer, *, think_tags: bool = False) -> None:
        self.who = who
        self.done = False
        self._channel: Channel = "text"
        self._fragments: list[str] = []
        self._items: list[Item] = []
        self._halves: dict[Channel, str] = {}
        self._said: dict[Said, list[str]] = {"text": [], "thinking": []}
        self._tags = ThinkTags() if think_tags else None
        self._tally = Tally()

    @property
    def complete(self) -> bool:
        """Return whether the whole answer arrived, that is, the wire's terminal event."""
        return self.done

    def head(self, headers: Mapping[str, str]) -> None:
        """Take the headers of the response, before any event."""
        request = request_id(headers)
        if request:
            self.report(request_id=request)

    def mark(self) -> None:  # noqa: B027 - most wires have no such mark
        """Take the `[DONE]` mark. It ends Chat Completions; on other wires gateways add it, and it means nothing."""

    @abstractmethod
    def take(self, event: Json) -> None:
        """Take one event of the wire. Raises `ProviderFailure` if the event reports a failure."""

    @abstractmethod
    def answer(self) -> Answer:
        """Return the whole answer; valid only after `complete`."""

    def add(self, channel: Channel, text: str) -> None:
        """Add a fragment. Consecutive fragments of one channel become one piece."""
        if not isinstance(text, str):
            raise TypeError(f"{text!r} in place of text")
        if channel != self._channel:
            self._flush()
            self._channel = channel
        self._fragments.append(text)

    def say(self, channel: Said, text: str) -> None:
        """Show a fragment of the answer or its thinking and keep it for `list_parts`. Looks for thinking tags."""
        if not isinstance(text, str):
            raise TypeError(f"{text!r} in place of text")
        if self._tags is None or channel != "text":
            self._keep(channel, text)
            if channel == "thinking" and self._tags is not None and text.strip():
                self._tags.off()  # the server separates the thinking itself
            return
        for step in self._tags.feed(text):
            self._take_step(step)

    def list_parts(self) -> list[Part]:
        """Return the text as parts of the answer, thinking first; valid only once all of it arrived."""
        self._end_tags()
        made: list[Part] = [ThinkingPart(text)] if (text := "".join(self._said["thinking"])) else []
        return [*made, TextPart(text)] if (text := "".join(self._said["text"])) else made

    def join_channel(self, channel: Said) -> str:
        """Return the text of the channel so far."""
        return "".join(self._said[channel])

    def _take_step(self, step: Split) -> None:
        """Take one step of the tag search: a fragment, or the finding that the text so far was thinking."""
        if step.again:
            text = "".join(self._said["text"])
            if text:
                self._said["text"].clear()
                self._flush()
                self._halves.clear()
                self._items.append(Restart())
                self._keep("thinking", text)
        elif step.text:
            self._keep(step.channel, step.text)

    def _end_tags(self) -> None:
        for step in self._tags.end() if self._tags else ():
            self._take_step(step)

    def _keep(self, channel: Said, text: str) -> None:
        self.add(channel, text)
        self._said[channel].append(text)

    def count(
        self, figures: Figures, usage: Usage | None, raw: Mapping[str, Any] | None, cost: int | None = None
    ) -> None:
        """Take one of several usage reports of this answer. The greatest count of each class counts."""
        tally = self._tally
        tally.add(figures, usage, raw, cost)
        self.report(usage=tally.usage, raw_usage=tally.raw, cost=tally.cost, doubtful=dict(tally.doubtful))

    def report(
        self,
        usage: Usage | None = None,
        raw_usage: Mapping[str, Any] | None = None,
        model: str | None = None,
        provider: str | None = None,
        request_id: str | None = None,
        cost: int | None = None,
        doubtful: Mapping[str, str] | None = None,
    ) -> None:
        self._flush()
        names = (_name(model), _name(provider), _name(request_id))
        self._items.append(Report(usage, scrub(raw_usage), *names, cost, doubtful))

    def drain(self) -> list[Item]:
        """Return the items since the last call."""
        self._flush()
        items, self._items = self._items, []
        return items

    def close(self) -> list[Item]:
        """Return the text that is still held back at the end: possible tags and halves of characters."""
        self._end_tags()
        items = self.drain()
        for channel, half in self._halves.items():
            items.append(Piece(channel, pair_halves(half)))
        self._halves.clear()
        return items

    def _flush(self) -> None:
        if self._fragments:
            channel = self._channel
            text = self._halves.pop(channel, "") + "".join(self._fragments)
            self._fragments.clear()
            if is_unfinished(text):
                text, self._halves[channel] = text[:-1], text[-1]
            if text:
                self._items.append(Piece(channel, pair_halves(text)))


def _name(value: Any) -> str | None:
    """Return a name as text, whatever its type; None if there is none."""
    return (pair_halves(value) if isinstance(value, str) else str(value)) if value else None


def count(data: Any, *names: str) -> int:
    """Return a number from nested objects; 0 if a level is missing."""
    for name in names:
        data = data.get(name) if isinstance(data, Mapping) else None
    return int(data) if isinstance(data, int | float) else 0
