"""Ollama's native chat, as lines of JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from tests.wires.frames import Frame, Frames, dumps
from tests.wires.script import Reply

MALFORMED = b'{"model": "m", "message": \n'


def frames(reply: Reply, model: str) -> Frames:
    head = {"model": reply.model or model, "created_at": "2026-11-20T14:02:11.123456Z"}

    def line(message: dict[str, Any], **more: Any) -> bytes:
        return (dumps({**head, "message": {"role": "assistant", **message}, "done": False, **more}) + "\n").encode()

    for text in reply.thinking:
        yield Frame(line({"content": "", "thinking": text}), content=True)
    for text in reply.text:
        yield Frame(line({"content": text}), piece=True, content=True)
    if reply.calls:
        yield Frame(line({"content": "", "tool_calls": [_call(c) for c in reply.calls]}), content=True)
    counts: dict[str, Any] = {}
    if reply.usage:
        counts = {"prompt_eval_count": reply.usage.get("input", 0), "eval_count": reply.usage.get("output", 0)}
    done = {"length": "length", "load": "load"}.get(reply.reason, "stop")
    times = {"total_duration": 5_000_000, "load_duration": 1_000_000, "prompt_eval_duration": 1, "eval_duration": 1}
    yield Frame(line({"content": ""}, **{"done": True, "done_reason": done, **times, **counts}))


def _call(call: Any) -> dict[str, Any]:
    """Arguments are an object here; an id is there only if the script gives one."""
    arguments = call.get("arguments", {})
    if isinstance(arguments, str):
        with suppress(ValueError):  # a broken one goes out as the text it is
            arguments = json.loads(arguments)
    made: dict[str, Any] = {"function": {"name": call["name"], "arguments": arguments}}
    return {"id": call["id"], **made} if "id" in call else made


def error(_status: int, given: dict[str, Any]) -> dict[str, Any]:
    return {"error": given.get("message", "scripted failure")}


def error_event(given: dict[str, Any]) -> bytes:
    return (dumps(error(500, given)) + "\n").encode()


def show(model: dict[str, Any]) -> dict[str, Any]:
    """`/api/show` of one model of the server's list."""
    return {
        "modelfile": "",
        "parameters": "",
        "template": "",
        "details": {"family": "llama"},
        "model_info": {"general.architecture": "llama", "llama.context_length": model.get("window", 131_072)},
        "capabilities": model.get("capabilities", ["completion", "tools"]),
    }


def tags(models: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "models": [
            {
                "name": m["id"],
                "model": m["id"],
                "modified_at": "2026-11-20T14:02:11Z",
                "size": 1_000,
                "digest": "0" * 64,
                "details": {"family": "llama", "parameter_size": "1B", "quantization_level": "Q4_0"},
            }
            for m in models
        ]
    }
