"""Builds a request for Ollama's native chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.messages import CallPart, Message, ResultPart
from ralph.core.llm.request import Request
from ralph.core.log.codec import plain
from ralph.providers._chat_request import add_instruction, chat_tool, result_text

Json = dict[str, Any]
SAMPLING = ("temperature", "top_p", "top_k", "min_p", "seed", "stop", "repeat_penalty")


def list_ollama_settings(thinks: bool | None) -> frozenset[str]:
    """Return the settings that are sent. The thinking setting goes only to a model that can think."""
    return frozenset(("max_output", *SAMPLING, *(("thinking",) if thinks else ())))


def ollama_body(request: Request, options: Mapping[str, Any], window: int | None, thinks: bool | None) -> Json:
    """Return the request's body.

    `num_ctx` is always sent and truncation is always refused: otherwise the server silently drops the oldest messages
    to fit a window of 4k. This wire cannot forbid calls, so a request that forbids them declares no tools. `window`
    is the model's trained window and `thinks` says whether it can think; None if unknown.
    """
    settings = request.settings
    made: Json = {"num_ctx": min(options["num_ctx"], window) if window else options["num_ctx"]}
    limit = request.max_output or settings.get("max_output")
    if limit:
        made["num_predict"] = limit
    made |= {name: settings[name] for name in SAMPLING if settings.get(name) is not None}
    body: Json = {
        "model": request.model,
        "messages": _messages(request),
        "stream": True,
        "options": made,
        "truncate": False,
        "shift": False,
    }
    if request.tools and request.tool_choice != "none":
        body["tools"] = [chat_tool(tool) for tool in request.tools]
    if request.schema is not None:
        body["format"] = plain(request.schema)
    think = _think(request, options, thinks)
    if think is not None:
        body["think"] = think
    if options["keep_alive"] is not None:
        body["keep_alive"] = options["keep_alive"]
    return body


def _think(request: Request, options: Mapping[str, Any], thinks: bool | None) -> bool | str | None:
    """Return the `think` value. A model that cannot think answers 400 to one; the route never waits for thinking."""
    if not thinks:
        return None
    if request.role == "route":
        return False
    wish = request.settings.get("thinking", options["thinking"])
    if wish in (None, "", "auto"):
        return None
    if wish in ("low", "medium", "high"):
        return str(wish)
    return wish not in (False, "off")


def _messages(request: Request) -> list[Json]:
    """Return the messages with the roles of Chat Completions. Arguments are objects, and a result names its tool."""
    made: list[Json] = [{"role": "system", "content": request.system}] if request.system else []
    for message in request.messages:
        made += _assistant(message) if message.role == "assistant" else _user(message)
    return add_instruction(made, request.instruction)


def _user(message: Message) -> list[Json]:
    made: list[Json] = [
        {"role": "tool", "tool_name": p.name, "tool_call_id": p.id, "content": result_text(p)}
        for p in message.parts
        if isinstance(p, ResultPart)
    ]
    return [*made, {"role": "user", "content": message.text}] if message.text else made


def _assistant(message: Message) -> list[Json]:
    calls = [
        {"id": p.id, "function": {"name": p.name, "arguments": plain(p.arguments)}}
        for p in message.parts
        if isinstance(p, CallPart)
    ]
    if not calls and not message.text:
        return []
    said: Json = {"role": "assistant", "content": message.text}
    return [{**said, "tool_calls": calls} if calls else said]
