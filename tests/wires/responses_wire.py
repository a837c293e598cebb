"""OpenAI Responses, as bytes."""

from __future__ import annotations

from typing import Any

from tests.wires.frames import Frame, Frames, arguments_text, halves, sse
from tests.wires.script import Reply

MALFORMED = b'event: response.output_text.delta\ndata: {"type": "response.output_text.delta", \n\n'


def usage(reply: Reply) -> dict[str, Any]:
    given = reply.usage
    read, out = given.get("input", 0), given.get("output", 0)
    details = {"cached_tokens": given.get("cache_read", 0), "cache_write_tokens": given.get("cache_write", 0)}
    return {
        "input_tokens": read,
        "input_tokens_details": details,
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": given.get("reasoning", 0)},
        "total_tokens": read + out,
    }


class _Numbered:
    """Every event of this wire has a sequence number."""

    def __init__(self) -> None:
        self.number = -1

    def __call__(self, kind: str, **data: Any) -> bytes:
        self.number += 1
        return sse({"type": kind, "sequence_number": self.number, **data}, kind)


def frames(reply: Reply, model: str) -> Frames:
    event = _Numbered()
    head = {
        "id": "resp_01",
        "object": "response",
        "created_at": 1,
        "model": reply.model or model,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
    }
    yield Frame(event("response.created", response={**head, "status": "in_progress", "usage": None}))
    yield Frame(event("response.in_progress", response={**head, "status": "in_progress", "usage": None}))
    items = _items(reply)
    for index, item in enumerate(items):
        yield from _item_frames(event, index, item, reply)
    ending: dict[str, Any] = {"status": "completed"}
    if reply.reason in ("length", "refusal"):
        reason = "max_output_tokens" if reply.reason == "length" else "content_filter"
        ending = {"status": "incomplete", "incomplete_details": {"reason": reason}}
    last = {**head, **ending, "output": items, "usage": usage(reply) if reply.usage else None}
    yield Frame(event(f"response.{ending['status']}", response=last))


def _items(reply: Reply) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if reply.thinking or reply.signature:
        summary = [{"type": "summary_text", "text": "".join(reply.thinking)}] if reply.thinking else []
        made.append(
            {"id": "rs_01", "type": "reasoning", "summary": summary, "encrypted_content": reply.signature or None}
        )
    if reply.text:
        content = {"type": "output_text", "text": "".join(reply.text), "annotations": [], "logprobs": []}
        made.append(
            {"id": "msg_01", "type": "message", "role": "assistant", "status": "completed", "content": [content]}
        )
    made += [
        {
            "id": f"fc_{n}",
            "type": "function_call",
            "call_id": call.get("id", f"call_{n}"),
            "name": call["name"],
            "arguments": arguments_text(call),
            "status": "completed",
        }
        for n, call in enumerate(reply.calls)
    ]
    return made


def _item_frames(event: _Numbered, index: int, item: dict[str, Any], reply: Reply) -> Frames:
    at = {"item_id": item["id"], "output_index": index}
    if item["type"] == "reasoning":
        yield Frame(event("response.output_item.added", output_index=index, item={**item, "summary": []}))
        for text in reply.thinking:
            data = event("response.reasoning_summary_text.delta", **at, summary_index=0, delta=text)
            yield Frame(data, content=True)
    elif item["type"] == "message":
        start = {**item, "status": "in_progress", "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        yield Frame(event("response.output_item.added", output_index=index, item=start))
        yield Frame(event("response.content_part.added", **at, content_index=0, part=part))
        for text in reply.text:
            data = event("response.output_text.delta", **at, content_index=0, delta=text, logprobs=[])
            yield Frame(data, piece=True, content=True)
        whole = item["content"][0]
        yield Frame(event("response.output_text.done", **at, content_index=0, text=whole["text"], logprobs=[]))
        yield Frame(event("response.content_part.done", **at, content_index=0, part=whole))
    else:
        start = {**item, "arguments": "", "status": "in_progress"}
        yield Frame(event("response.output_item.added", output_index=index, item=start))
        for part_text in halves(item["arguments"]):
            data = event("response.function_call_arguments.delta", **at, delta=part_text)
            yield Frame(data, content=True)
        done = {"name": item["name"], "arguments": item["arguments"]}
        yield Frame(event("response.function_call_arguments.done", **at, **done))
    yield Frame(event("response.output_item.done", output_index=index, item=item))


def error_event(given: dict[str, Any]) -> bytes:
    """As the vendor does: a failed response, or (with `flat`) the bare error event."""
    given = dict(given)
    detail = {"code": "server_error", "message": "scripted failure", **given}
    if detail.pop("flat", False):
        return sse({"type": "error", "sequence_number": 9, "param": None, **detail}, "error")
    response = {"id": "resp_01", "object": "response", "status": "failed", "error": detail, "output": []}
    return sse({"type": "response.failed", "sequence_number": 9, "response": response}, "response.failed")
