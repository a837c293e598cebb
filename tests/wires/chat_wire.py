"""OpenAI Chat Completions, as bytes, with the habits of its imitators."""

from __future__ import annotations

from typing import Any

from tests.wires.frames import Frame, Frames, arguments_text, halves, sse
from tests.wires.script import Reply

STOPS = {
    "stop": "stop",
    "tool_calls": "tool_calls",
    "length": "length",
    "refusal": "content_filter",
    "context": "length",
    "pause": "stop",
}
MALFORMED = b'data: {"choices": [{"delta": \n\n'


def usage(reply: Reply) -> dict[str, Any]:
    given = reply.usage
    read, out = given.get("input", 0), given.get("output", 0)
    made: dict[str, Any] = {"prompt_tokens": read, "completion_tokens": out, "total_tokens": read + out}
    if "cache_read" in given or "cache_write" in given:
        made["prompt_tokens_details"] = {
            "cached_tokens": given.get("cache_read", 0),
            "cache_write_tokens": given.get("cache_write", 0),
        }
    if "reasoning" in given:
        made["completion_tokens_details"] = {"reasoning_tokens": given["reasoning"]}
    return made


def frames(reply: Reply, model: str, *, include_usage: bool) -> Frames:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": reply.model or model}
    every = {"usage": usage(reply)} if reply.usage and reply.usage_place == "every" else {}

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return sse({**head, "choices": [choice], **every, **more})

    yield Frame(chunk({"role": "assistant", "content": None}))
    for text in reply.thinking:
        yield Frame(chunk({"reasoning_content": text}), content=True)
    for text in reply.text:
        yield Frame(chunk({"content": text}), piece=True, content=True)
    for delta in _call_deltas(reply):
        yield Frame(chunk({"tool_calls": [delta]}), content=True)
    last: dict[str, Any] = {}
    if reply.usage and reply.usage_place == "last":
        last["usage"] = usage(reply)
    if reply.usage and reply.usage_place == "groq":
        last["x_groq"] = {"id": "req_01", "usage": usage(reply)}
    yield Frame(chunk({}, STOPS[reply.reason], **last))
    if reply.usage and reply.usage_place == "end" and include_usage:
        yield Frame(sse({**head, "choices": [], "usage": usage(reply)}))
    if reply.done_mark:
        yield Frame(sse("[DONE]"))


def _call_deltas(reply: Reply) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for index, call in enumerate(reply.calls):
        function = {"name": call["name"], "arguments": ""}
        made.append({"index": index, "id": call.get("id", f"call_{index}"), "type": "function", "function": function})
        made += [{"index": index, "function": {"arguments": p}} for p in halves(arguments_text(call))]
    return made


def error(status: int, given: dict[str, Any]) -> dict[str, Any]:
    types = {401: "authentication_error", 429: "rate_limit_error", 404: "not_found_error", 400: "invalid_request_error"}
    kind = types.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": "scripted failure", "type": kind, "param": None, "code": None, **given}}


def error_event(given: dict[str, Any]) -> bytes:
    return sse(error(500, given))
