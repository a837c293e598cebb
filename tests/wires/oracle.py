"""What a mutated answer really holds, read in the plainest way, to judge by it what an adapter made of it.

It knows only the places that a wire documents, and claims nothing of a value of another type: those an adapter may
leave out or refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import Any

from tests.wires.recordings import CLOCK, TEXT, THINKING, WEATHER, Event, Recording

WORDS = tuple(sorted({w.strip().strip(".") for w in (*TEXT, *THINKING)}, key=len, reverse=True))


def spoken(wire: str, events: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """The channel and the text of every documented place."""
    reading = {"anthropic": _anthropic, "responses": _responses, "ollama": _ollama}.get(wire, _chat)
    for event in events:
        if isinstance(event, dict):
            yield from ((channel, text) for channel, text in reading(event) if isinstance(text, str))


def ends(wire: str, event: Event) -> bool:
    """The event is the end of the answer, or says that it came."""
    if not isinstance(event, dict):
        return event == "[DONE]" and wire in ("chat", "compatible")
    kind = event.get("type")
    match wire:
        case "anthropic":
            delta = event.get("delta")
            reason = delta.get("stop_reason") if isinstance(delta, dict) else None
            return kind == "message_stop" or bool(reason) or bool(event.get("stop_reason"))
        case "responses":
            # A document that could be read has come whole, with a status or without, unless it says that it goes on.
            if event.get("object") == "response":
                return event.get("status") not in ("in_progress", "queued")
            whole = event.get("response")
            return isinstance(whole, dict) and (
                kind in ("response.completed", "response.incomplete")
                or whole.get("status") in ("completed", "incomplete")
            )
        case "ollama":
            return bool(event.get("done")) or bool(event.get("done_reason"))
    choices = event.get("choices")
    choices = choices if isinstance(choices, list) else [choices]
    return any(isinstance(c, dict) and (bool(c.get("finish_reason")) or "message" in c) for c in choices)


def is_last(wire: str, event: Event) -> bool:
    """Nothing of the answer is to be read after this one."""
    if not isinstance(event, dict):
        return event == "[DONE]"
    last = {
        "anthropic": event.get("type") in ("message_stop", "message"),
        "responses": str(event.get("type")).removeprefix("response.") in ("completed", "incomplete", "failed")
        or event.get("object") == "response",
        "ollama": bool(event.get("done")),
    }
    return last.get(wire, event.get("object") == "chat.completion")


def words(text: str) -> dict[str, int]:
    """How often each word of the recordings stands in the text."""
    return {word: text.count(word) for word in WORDS if word in text}


def remainder(text: str) -> str:
    """The text without those words, and without what stands between them."""
    for word in WORDS:
        text = text.replace(word, "")
    return "".join(text.replace(".", "").split())


def arguments_of(name: str) -> dict[str, Any]:
    """The arguments that the call of this tool has in every recording."""
    return {c["name"]: dict(c["arguments"]) for c in (WEATHER, CLOCK)}.get(name, {})  # type: ignore[call-overload,no-any-return]


def holds_arguments(value: Any, name: str) -> bool:
    """Some of the arguments of this tool stand somewhere in the value, whole or in part."""
    marks = {"weather": ("Paris", "days"), "clock": ("CET", "zone")}.get(name, ())
    return any(mark in text for text in strings(_known(value)) for mark in marks)


def _known(value: Any) -> Any:
    """Without what stands under a name that no wire has."""
    if isinstance(value, dict):
        return {k: _known(v) for k, v in value.items() if not k.endswith("_v2")}
    return [_known(v) for v in value] if isinstance(value, list) else value


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def figures(events: Recording) -> frozenset[int]:
    """Every count that these events may mean: a number of theirs, or a sum of some of one report."""
    return _sums(frozenset(_numbers(events)))


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, bool):
        return
    if (isinstance(value, int | float) and value == value and abs(value) < 10**8) or (
        isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9
    ):
        yield int(value)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from _numbers(one)


@lru_cache(maxsize=4096)
def _sums(numbers: frozenset[int]) -> frozenset[int]:
    some = sorted(n for n in numbers if 0 < n < 5000)[:24]
    apart = (b - a for a, b in combinations(some, 2))  # a part that is told by its whole and the other part
    return frozenset((0, *numbers, *apart, *(sum(c) for size in (2, 3) for c in combinations(some, size))))


def _anthropic(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    match event.get("type"):
        case "content_block_delta":
            yield from _block(event.get("delta"))
        case "content_block_start":
            yield from _block(event.get("content_block"))
        case "message":
            for block in _list(event.get("content")):
                yield from _block(block)


def _block(block: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(block, dict):
        match block.get("type"):
            case "text_delta" | "text":
                yield "text", block.get("text")
            case "thinking_delta" | "thinking":
                yield "thinking", block.get("thinking")


def _responses(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = event.get("type")
    if not isinstance(kind, str):
        if event.get("object") == "response":
            yield from _items(event.get("output"))
        return
    match kind.removeprefix("response."):
        case "output_text.delta":
            yield "text", event.get("delta")
        case "output_text.done":
            yield "text", event.get("text")
        case "reasoning_summary_text.delta" | "reasoning_text.delta":
            yield "thinking", event.get("delta")
        case "reasoning_summary_text.done":
            yield "thinking", event.get("text")
        case "content_part.done":
            part = event.get("part")
            if isinstance(part, dict) and part.get("type") == "output_text":
                yield "text", part.get("text")
        case "output_item.done":
            yield from _items([event.get("item")])
        case "completed" | "incomplete":
            response = event.get("response")
            yield from _items(response.get("output") if isinstance(response, dict) else None)


def _items(items: Any) -> Iterator[tuple[str, Any]]:
    for item in _list(items):
        if not isinstance(item, dict):
            continue
        if item.get("type") == "message":
            for part in _list(item.get("content")):
                if isinstance(part, dict) and part.get("type") == "output_text":
                    yield "text", part.get("text")
        elif item.get("type") == "reasoning":
            for part in _list(item.get("summary")):
                if isinstance(part, dict):
                    yield "thinking", part.get("text")


def _ollama(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    message = event.get("message")
    if isinstance(message, dict):
        yield "text", message.get("content")
        yield "thinking", message.get("thinking")


def _chat(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for choice in _list(event.get("choices"))[:1]:
        said = choice.get("delta") or choice.get("message") if isinstance(choice, dict) else None
        if isinstance(said, dict):
            content = said.get("content")
            yield "text", content
            for part in _list(content):
                if isinstance(part, dict) and part.get("type") == "text":
                    yield "text", part.get("text")
            yield "thinking", said.get("reasoning_content")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
