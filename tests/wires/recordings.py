"""Recorded answers of the five wires, event by event, as material for mutations.

Each word of text and of thinking occurs once in a recording, so that a word which is lost or doubled is seen. The
events are those of the loopback double, which the vendors' own clients read (`test_server`), and a few more in forms
that other servers of the same wire use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.wires import anthropic_wire, chat_wire, ollama_wire, responses_wire
from tests.wires.script import Reply

Event = Any  # a JSON value; a `str` is the data of an event as it stands, such as [DONE]
Recording = list[Event]

TEXT = ("Rivers ", "flöw ", "slowly€ ", "seaward.")
THINKING = ("First ", "weigh ", "twice.")
WEATHER = {"id": "call_A", "name": "weather", "arguments": {"city": "Paris", "days": 12}}
CLOCK = {"id": "call_B", "name": "clock", "arguments": {"zone": "CET"}}
USAGE = {"input": 1201, "cache_read": 307, "cache_write": 101, "output": 223, "reasoning": 41}

REPLIES: Mapping[str, Reply] = {
    "calls": Reply(text=TEXT, thinking=THINKING, signature="c2ln", calls=(WEATHER, CLOCK), usage=USAGE),
    "text": Reply(text=TEXT, usage=USAGE),
    "limit": Reply(text=TEXT, thinking=THINKING, signature="c2ln", stop="length", usage=USAGE),
}
WIRES = ("anthropic", "responses", "chat", "compatible", "ollama")


def recordings(wire: str) -> dict[str, Recording]:
    """The recordings of a wire by name."""
    made = {name: _events(wire, reply) for name, reply in REPLIES.items()}
    return {**made, **_MORE.get(wire, dict)()}


def framed(wire: str, event: Event) -> bytes:
    """One event as the wire sends it."""
    data = event if isinstance(event, str) else _dumps(event)
    if wire == "ollama":
        return f"{data}\n".encode()
    kind = event.get("type") if isinstance(event, dict) and wire in ("anthropic", "responses") else None
    head = f"event: {kind}\n" if isinstance(kind, str) and kind.isprintable() and kind.isascii() else ""
    return f"{head}data: {data}\n\n".encode()


def _dumps(value: Any) -> str:
    """Numbers that are none go out as NaN and Infinity, half a surrogate pair as its escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _events(wire: str, reply: Reply) -> Recording:
    match wire:
        case "anthropic":
            frames = anthropic_wire.frames(reply, "model-1")
        case "responses":
            frames = responses_wire.frames(reply, "model-1")
        case "ollama":
            frames = ollama_wire.frames(reply, "model-1")
        case _:
            frames = chat_wire.frames(reply, "model-1", include_usage=True)
    return _read(frame.data for frame in frames)


def _read(frames: Iterable[bytes]) -> Recording:
    made: Recording = []
    for frame in frames:
        lines = frame.decode().splitlines()
        data = next((line.removeprefix("data: ") for line in lines if not line.startswith("event:") and line), "")
        made.append(data if data == "[DONE]" else json.loads(data))
    return made


def _anthropic() -> dict[str, Recording]:
    """Text and a call's whole input in the start of their block, blocks that overlap, no `message_stop`."""
    head: Event = {
        "type": "message_start",
        "message": {"id": "m", "type": "message", "role": "assistant", "model": "model-1", "content": []},
    }
    head["message"]["usage"] = {"input_tokens": 793, "output_tokens": 1}
    call = {"type": "tool_use", "id": "call_A", "name": "weather", "input": {"city": "Paris", "days": 12}}
    starts: Recording = [
        head,
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "First "}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "Rivers "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "weigh"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "flöw."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_stop", "index": 1},
        {"type": "content_block_start", "index": 2, "content_block": call},
        {"type": "content_block_stop", "index": 2},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use"},
            "usage": {"input_tokens": 793, "output_tokens": 57},
        },
    ]
    document = {
        **head["message"],
        "content": [{"type": "thinking", "thinking": "First weigh", "signature": "c2ln"},
                    {"type": "text", "text": "Rivers flöw."}, call],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 793, "output_tokens": 57},
    }  # fmt: skip
    return {"starts": starts, "document": [document]}


def _responses() -> dict[str, Recording]:
    """Items that come whole at the end, without deltas; the response as one document."""
    whole = _events("responses", REPLIES["calls"])
    late = [event for event in whole if not event["type"].endswith((".delta", "_part.added"))]
    last = [whole[0], whole[-1]]
    return {"late": late, "last": last, "document": [whole[-1]["response"]]}


def _chat() -> dict[str, Recording]:
    """Several things in one delta, parts, no `[DONE]`; the answer as one document."""
    call = {"index": 0, "id": "call_A", "type": "function"}
    call["function"] = {"name": "weather", "arguments": '{"city":"Paris","days":12}'}
    usage = {"prompt_tokens": 793, "completion_tokens": 57, "total_tokens": 850}
    said = {"role": "assistant", "content": "Rivers flöw.", "reasoning_content": "First weigh", "tool_calls": [call]}
    head = {"id": "c", "model": "model-1", "object": "chat.completion.chunk"}
    parts = [{"type": "text", "text": "slowly€ "}, {"type": "text", "text": "seaward."}]
    crowded: Recording = [
        {**head, "choices": [{"index": 0, "delta": said, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {"content": parts}, "finish_reason": "tool_calls"}], "usage": usage},
    ]
    choice = {"index": 0, "message": said, "finish_reason": "tool_calls"}
    document = {"id": "c", "object": "chat.completion", "model": "model-1", "choices": [choice], "usage": usage}
    return {"crowded": crowded, "document": [document]}


def _ollama() -> dict[str, Recording]:
    """All in the line that ends it; calls in several lines, with arguments as text."""
    calls: Sequence[Any] = (
        {"function": {"name": "weather", "arguments": '{"city":"Paris","days":12}'}},
        {"id": "call_B", "function": {"index": 1, "name": "clock", "arguments": {"zone": "CET"}}},
    )
    counts = {"prompt_eval_count": 793, "eval_count": 57, "total_duration": 5_000_000}
    message = {"role": "assistant", "content": "Rivers flöw.", "thinking": "First weigh"}
    done = {"done": True, "done_reason": "stop"}
    one: Recording = [{"model": "model-1", "message": {**message, "tool_calls": list(calls)}, **done, **counts}]
    several: Recording = [
        *({"model": "model-1", "message": {"role": "assistant", "content": "", "tool_calls": [c]}} for c in calls),
        {"model": "model-1", "message": message, **done, **counts},
    ]
    return {"one": one, "several": several}


_MORE: Mapping[str, Any] = {
    "anthropic": _anthropic,
    "responses": _responses,
    "chat": _chat,
    "compatible": _chat,
    "ollama": _ollama,
}
