"""Anthropic Messages, as bytes."""

from __future__ import annotations

from typing import Any

from tests.wires.frames import Frame, Frames, arguments_text, halves, sse
from tests.wires.script import Reply

STOPS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "refusal": "refusal",
    "context": "model_context_window_exceeded",
    "pause": "pause_turn",
}
MALFORMED = b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": \n\n'


def usage(reply: Reply, *, first: bool) -> dict[str, Any]:
    """Theirs leaves cached tokens out of `input_tokens`; the start of a message knows of one token of output."""
    given = reply.usage
    read, write = given.get("cache_read", 0), given.get("cache_write", 0)
    made: dict[str, Any] = {"output_tokens": 1 if first else given.get("output", 0)}
    if first:
        made |= {
            "input_tokens": given.get("input", 0) - read - write,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": write,
            "service_tier": "standard",
        }
    elif "reasoning" in given:
        made["output_tokens_details"] = {"thinking_tokens": given["reasoning"]}
    return made


def frames(reply: Reply, model: str) -> Frames:
    message = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": reply.model or model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage(reply, first=True),
    }
    yield Frame(_event({"type": "message_start", "message": message}))
    yield Frame(_event({"type": "ping"}))
    for index, (block, deltas) in enumerate(_blocks(reply)):
        yield Frame(_event({"type": "content_block_start", "index": index, "content_block": block}))
        for delta in deltas:
            piece = delta["type"] == "text_delta"
            data = _event({"type": "content_block_delta", "index": index, "delta": delta})
            yield Frame(data, piece=piece, content=True)
        yield Frame(_event({"type": "content_block_stop", "index": index}))
    delta: dict[str, Any] = {"stop_reason": STOPS[reply.reason], "stop_sequence": None}
    if reply.reason == "refusal":
        delta["stop_details"] = {"category": "cyber", "explanation": "no"}
    yield Frame(_event({"type": "message_delta", "delta": delta, "usage": usage(reply, first=False)}))
    yield Frame(_event({"type": "message_stop"}))


def _blocks(reply: Reply) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    made: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if reply.thinking or reply.signature:
        deltas: list[dict[str, Any]] = [{"type": "thinking_delta", "thinking": t} for t in reply.thinking]
        deltas.append({"type": "signature_delta", "signature": reply.signature})
        made.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    if reply.redacted:
        made.append(({"type": "redacted_thinking", "data": reply.redacted}, []))
    if reply.text:
        made.append(({"type": "text", "text": ""}, [{"type": "text_delta", "text": t} for t in reply.text]))
    for number, call in enumerate(reply.calls):
        block = {"type": "tool_use", "id": call.get("id", f"toolu_{number}"), "name": call["name"], "input": {}}
        written = [{"type": "input_json_delta", "partial_json": p} for p in halves(arguments_text(call))]
        made.append((block, [{"type": "input_json_delta", "partial_json": ""}, *written]))
    return made


def error(status: int, given: dict[str, Any]) -> dict[str, Any]:
    """The body of an error, or the data of an error event."""
    types = {
        400: "invalid_request_error",
        401: "authentication_error",
        402: "billing_error",
        403: "permission_error",
        404: "not_found_error",
        413: "request_too_large",
        429: "rate_limit_error",
        529: "overloaded_error",
    }
    detail = {"type": types.get(status, "api_error"), "message": "scripted failure", **given}
    return {"type": "error", "error": detail, "request_id": "req_01"}


def error_event(given: dict[str, Any]) -> bytes:
    return _event(error(529, given))


def _event(data: dict[str, Any]) -> bytes:
    return sse(data, data["type"])
