"""A mutated answer through an adapter, and what must hold of whatever the adapter makes of it.

The bytes come from memory in place of the network; all behind it is the adapter as it runs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ralph.core.errors import ProviderFailure
from ralph.core.llm.messages import CallPart, TextPart, ThinkingPart, user
from ralph.core.llm.provider import Provider
from ralph.core.llm.request import Answer, Item, Piece, Report, Request, Restart
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._failures import peer_of
from ralph.providers._stream import Reply
from ralph.registry import load
from tests.wires.mutations import Mutation
from tests.wires.oracle import (
    arguments_of,
    ends,
    figures,
    holds_arguments,
    is_last,
    remainder,
    spoken,
    strings,
    words,
)  # fmt: skip
from tests.wires.recordings import CLOCK, WEATHER, Recording, framed

OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "anthropic": ("anthropic", {}),
    "responses": ("openai", {"api": "responses"}),
    "chat": ("openai", {}),
    "compatible": ("openai_compatible", {}),
    "ollama": ("ollama", {}),
}
HELLO = Request("model-1", (user("hi"),))
# Mutations that add no text of their own.
_PLAIN = ("drop", "double", "reorder", "cut", "split", "line ends", "litter", "delete", "rename")
_SAME = ("split", "line ends")
MOST_TOKENS = 100_000_000


class MemoryDoor:
    """Network reads from memory. `read`: how many were asked for; `sent`: how many requests."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.who = peer_of(settings, settings.base_url)
        self.chunks: Sequence[bytes] = ()
        self.read = 0
        self.sent = 0

    async def client(self) -> None:
        """There is none to be made."""

    @asynccontextmanager
    async def post(self, *_: object) -> AsyncIterator[Reply]:
        self.sent += 1
        self.read = 0
        async with aclosing(self._reads()) as reads:
            yield Reply({"content-type": "text/event-stream"}, reads)

    async def _reads(self) -> AsyncGenerator[bytes, None]:
        for chunk in self.chunks:
            self.read += 1
            yield chunk

    async def ask(self, *_: object) -> dict[str, Any]:
        return {}

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass
class Made:
    """What an adapter made of an answer. `raised`: an exception that is no `ProviderFailure`."""

    items: list[Item] = field(default_factory=list)
    failure: ProviderFailure | None = None
    raised: Exception | None = None
    read: int = 0
    sent: int = 0

    def shown(self, channel: str) -> str:
        text = ""
        for item in self.items:
            if isinstance(item, Restart):
                text = ""
            elif isinstance(item, Piece) and item.channel == channel:
                text += item.text
        return text

    @property
    def answer(self) -> Answer | None:
        last = self.items[-1] if self.items else None
        return last if isinstance(last, Answer) else None

    @property
    def report(self) -> Report:
        merged = Report()
        for item in self.items:
            if isinstance(item, Report):
                merged = merged._replace(**{k: v for k, v in item._asdict().items() if v is not None})
        return merged

    @property
    def outcome(self) -> str:
        if self.failure is not None:
            return str(self.failure.kind)
        return "raised" if self.raised is not None else f"ok {self.answer.stop_reason if self.answer else 'none'}"


class Bench:
    """One adapter of a wire, fed from memory."""

    def __init__(self, wire: str) -> None:
        kind, options = OPTIONS[wire]
        settings = ProviderSettings(kind, kind, "secret-key-1", "http://127.0.0.1:9", options=options)
        self.provider: Provider = load("providers", kind).open(settings)
        self.door = MemoryDoor(settings)
        self.provider._door = self.door  # type: ignore[attr-defined]
        self._same: dict[str, Made] = {}
        self.wire = wire

    async def feed(self, chunks: Sequence[bytes]) -> Made:
        """All that the adapter makes of these reads."""
        self.door.chunks, self.door.sent, made = chunks, 0, Made()
        try:
            async with aclosing(self.provider.stream(HELLO)) as items:
                async for item in items:
                    made.items.append(item)
        except ProviderFailure as failure:
            made.failure = failure
        except Exception as error:
            made.raised = error
        made.read, made.sent = self.door.read, self.door.sent
        return made

    async def judge(self, mutation: Mutation) -> tuple[Made, list[str]]:
        """What was made of it, and what is wrong with that."""
        made = await self.feed(mutation.chunks)
        wrong = faults(mutation, made)
        if mutation.kind in _SAME:
            wrong += _unlike(await self._unchanged(mutation.original), made)
        return made, wrong

    async def _unchanged(self, recording: Recording) -> Made:
        key = json.dumps(recording)
        if key not in self._same:
            self._same[key] = await self.feed([framed(self.wire, event) for event in recording])
        return self._same[key]


def faults(mutation: Mutation, made: Made) -> list[str]:
    """Every rule that the adapter broke."""
    if made.raised is not None:
        return [f"raised {made.raised!r}"]
    wrong: list[str] = []
    if len(made.items) > 20 * (len(mutation.chunks) + 5) * made.sent:
        wrong.append(f"{len(made.items)} items of {len(mutation.chunks)} reads")
    wrong += _unspeakable(made)
    wrong += _lost(mutation, made)
    wrong += _doubled(mutation, made)
    wrong += _figures(mutation, made)
    if made.answer is not None:
        wrong += _calls(mutation, made)
        wrong += _kept(made, made.answer)
        if not any(ends(mutation.wire, event) for event in mutation.events) and mutation.kind != "litter":
            wrong.append("ok without an end")
    return wrong


def _claimed(mutation: Mutation, made: Made) -> Recording:
    """The events that were read before anything went wrong."""
    events = mutation.events
    failed = made.failure is not None
    if mutation.kind == "cut":
        events = _ended_in(mutation, 1)
    elif mutation.kind == "litter":
        events = (
            events[: int(mutation.where.rpartition(" ")[2])]
            if failed or b"DONE" in b"".join(mutation.chunks)
            else events
        )
    elif failed:  # the read with which it failed is not claimed
        events = _ended_in(mutation, made.read - 1)
    last = next((n for n, event in enumerate(events) if is_last(mutation.wire, event)), len(events))
    return events[: last + 1]


def _ended_in(mutation: Mutation, reads: int) -> Recording:
    """The events whose last byte came in the first so many reads."""
    came, ends_at, whole = sum(map(len, mutation.chunks[:reads])), 0, []
    for event in mutation.events:
        ends_at += len(framed(mutation.wire, event))
        whole += [event] if ends_at <= came else []
    return whole


def _lost(mutation: Mutation, made: Made) -> list[str]:
    said = {"text": "", "thinking": ""}
    for channel, text in spoken(mutation.wire, _claimed(mutation, made)):
        said[channel] += f"{text}|"
    return [
        f"lost {word!r} of the {channel}"
        for channel, text in said.items()
        for word in words(text)
        if word not in made.shown(channel)
    ]


def _doubled(mutation: Mutation, made: Made) -> list[str]:
    most = (2 if mutation.kind == "double" else 4 if mutation.kind == "pair" else 1) * made.sent
    wrong = []
    for channel in ("text", "thinking"):
        shown = made.shown(channel)
        wrong += [f"{word!r} shown {n} times" for word, n in words(shown).items() if n > most]
        if mutation.kind in _PLAIN and (left := remainder(shown)):
            wrong.append(f"{left!r} was never sent")
    return wrong


def _figures(mutation: Mutation, made: Made) -> list[str]:
    usage = made.report.usage
    if usage is None:
        return []
    known = figures(mutation.events)
    values = {"input": usage.input, "output": usage.output, "read": usage.cache_read, "write": usage.cache_write,
              "reasoning": usage.reasoning}  # fmt: skip
    wrong = [f"{name} of {n}" for name, n in values.items() if not isinstance(n, int) or not 0 <= n <= MOST_TOKENS]
    wrong += [f"{name} {n} was never told" for name, n in values.items() if n not in known]
    if usage.cache_read + usage.cache_write > usage.input or usage.reasoning > usage.output:
        wrong.append(f"parts greater than their whole: {usage}")
    if made.report.cost is not None and made.report.cost < 0:
        wrong.append(f"a cost of {made.report.cost}")
    return wrong


def _calls(mutation: Mutation, made: Made) -> list[str]:
    """A call runs with what was sent for it, or is told to be broken.

    An empty text in place of arguments is documented (decision 001) as none at all: the call runs with `{}`, unless its
    arguments stand elsewhere in the answer. What follows the end of the answer is no part of it.
    """
    wrong = []
    claimed = _claimed(mutation, made)
    changed = [
        _loosely(v)
        for v in [*_values(mutation.events), dict(WEATHER["arguments"]), dict(CLOCK["arguments"])]
        if isinstance(v, dict)
    ]
    for part in made.answer.content.parts if made.answer else ():
        if not isinstance(part, CallPart) or part.broken:
            continue
        arguments = dict(part.arguments)
        if arguments == arguments_of(part.name) or _nameless(part.name, arguments):
            continue
        if arguments and _loosely(arguments) in changed:
            continue
        if arguments:
            wrong.append(f"{part.name} called with {arguments}, which was never sent")
        elif holds_arguments(claimed, part.name):
            wrong.append(f"{part.name} called without its arguments")
    return wrong


def _nameless(name: str, arguments: dict[str, Any]) -> bool:
    """A call whose name was lost or changed is no tool's, so nothing runs; it may hold the arguments of either."""
    return not arguments_of(name) and arguments in (arguments_of("weather"), arguments_of("clock"))


def _loosely(value: Any) -> str:
    """A value as text in which halves of characters, and numbers that are none, look as an adapter writes them."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace('"NaN"', "NaN").replace('"Infinity"', "Infinity").replace("\ufffd", "")


def _values(value: Any) -> list[Any]:
    """Every value in a JSON value, and those that stand in it as text."""
    made: list[Any] = [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        made += _values(one)
    if isinstance(value, str) and value[:1] in ("{", '"'):
        with suppress(ValueError):
            made += _values(json.loads(value))
    return made


def _kept(made: Made, answer: Answer) -> list[str]:
    """The answer is what was shown, whatever the order of its blocks."""
    wrong = []
    for channel, kind in (("text", TextPart), ("thinking", ThinkingPart)):
        kept = "".join(p.text for p in answer.content.parts if isinstance(p, kind))
        if sorted("".join(kept.split())) != sorted("".join(made.shown(channel).split())):
            wrong.append(f"{channel} shown {made.shown(channel)!r} and kept {kept!r}")
    return wrong


def _unspeakable(made: Made) -> list[str]:
    """Text that no file and no screen takes."""
    texts = [repr(made.failure.message)] if made.failure else []
    for item in made.items:
        texts += strings(_plain(item))
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        return [f"{error.object[error.start : error.end]!r} got through"]
    return []


def _plain(item: Item) -> Any:
    if isinstance(item, Answer):
        parts = [list(map(_jsonable, vars_of(part))) for part in item.content.parts]
        return [parts, item.content.opaque.json if item.content.opaque else ""]
    return [_jsonable(v) for v in item]


def vars_of(part: Any) -> list[Any]:
    return [getattr(part, name) for name in type(part).__dataclass_fields__]


def _jsonable(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, default=str)) if not isinstance(value, str) else value
    except (TypeError, ValueError):
        return str(value)


def _unlike(before: Made, now: Made) -> list[str]:
    told = [
        (m.shown("text"), m.shown("thinking"), m.answer, m.report, m.failure and m.failure.kind) for m in (before, now)
    ]
    return [] if told[0] == told[1] else [f"{told[1]} in place of {told[0]}"]


async def judge_all(wire: str, mutations: Sequence[Mutation]) -> list[tuple[Mutation, Made, list[str]]]:
    """Each mutation with what was made of it and what is wrong with that."""
    bench = Bench(wire)
    judged = []
    for number, mutation in enumerate(mutations):
        if number % 200 == 0:
            await asyncio.sleep(0)
        made, wrong = await bench.judge(mutation)
        judged.append((mutation, made, wrong))
    return judged
