"""Builds a request for Anthropic's Messages API, with cache breakpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ralph.core.llm.messages import CallPart, Message, Opaque, Part, ResultPart, TextPart
from ralph.core.llm.request import Request
from ralph.core.log.codec import plain
from ralph.providers._schemas import NO_BOUNDS, without

Json = dict[str, Any]
CACHED = {"type": "ephemeral"}
TAKEN = ("max_output", "thinking", "effort", "stop")
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}


def anthropic_body(request: Request, provider: str, options: Mapping[str, Any]) -> Json:
    """Return the request's body. It has no sampling parameters: the API has answered 400 to them since 2026-10-21."""
    settings = request.settings
    body: Json = {
        "model": request.model,
        "max_tokens": request.max_output or settings.get("max_output") or options["max_tokens"],
        "messages": _messages(request, provider),
        "stream": True,
    }
    tools = [_tool(t.name, t.description, plain(t.schema)) for t in request.tools]
    choice = request.tool_choice
    if not tools and (names := _list_called_tools(request.messages)):
        # The API refuses calls in the conversation unless their tools are declared.
        tools, choice = [_tool(n, "no longer offered", {"type": "object"}) for n in names], "none"
    if request.system:
        body["system"] = [{"type": "text", "text": request.system, "cache_control": CACHED}]
    elif tools:
        tools[-1]["cache_control"] = CACHED
    thinking = _thinking(request, options)
    if thinking:
        body["thinking"] = thinking
        body["max_tokens"] += thinking.get("budget_tokens", 0)
    if tools:
        forced = choice == "required" and thinking  # thinking and a forced call exclude each other: 400
        body |= {"tools": tools, "tool_choice": {"type": "auto" if forced else _CHOICES[choice]}}
    output: Json = {}
    if settings.get("effort"):
        output["effort"] = settings["effort"]
    if request.schema is not None:
        output["format"] = {"type": "json_schema", "schema": without(request.schema, NO_BOUNDS)}
    if output:
        body["output_config"] = output
    if settings.get("stop"):
        stop = settings["stop"]
        body["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    return body


def _messages(request: Request, provider: str) -> list[Json]:
    messages = request.messages
    made = [(m, _content(m, provider, request.model)) for m in messages]
    marks = {_find_last_closed(messages, provider, request.model), _last_results(messages)}
    for place in marks - {None}:
        content = made[place or 0][1]
        if content:
            content[-1]["cache_control"] = CACHED
    sent: list[Json] = [{"role": m.role, "content": content} for m, content in made if content]
    if request.instruction:
        block = {"type": "text", "text": request.instruction}
        if sent and sent[-1]["role"] == "user":
            sent[-1]["content"].append(block)
        else:
            sent.append({"role": "user", "content": [block]})
    return sent


def _content(message: Message, provider: str, model: str) -> list[Json]:
    if own := _own(message, provider, model):
        blocks: list[Json] = json.loads(own.json)
        return blocks
    results = [p for p in message.parts if isinstance(p, ResultPart)]
    rest = [p for p in message.parts if not isinstance(p, ResultPart)]
    return [block for p in (*results, *rest) if (block := _block(p))]  # results must come first


def _block(part: Part) -> Json | None:
    match part:
        case TextPart(text) if text.strip():  # the API refuses blank text
            return {"type": "text", "text": text}
        case CallPart(id_, name, arguments):
            return {"type": "tool_use", "id": id_, "name": name, "input": plain(arguments)}
        case ResultPart(id_, _, output, error):
            block = {"type": "tool_result", "tool_use_id": id_, "content": output}
            return {**block, "is_error": True} if error else block
    return None


def _own(message: Message, provider: str, model: str) -> Opaque | None:
    """Return the opaque content that a model of this provider wrote itself, unchanged; None for any other author."""
    kept = message.opaque
    return kept if kept and (kept.provider, kept.model) == (provider, model) else None


def _find_last_closed(messages: Sequence[Message], provider: str, model: str) -> int | None:
    """Return the index at which the closed turns end, before the last prompt. Opaque content cannot be marked."""
    prompts = [n for n, m in enumerate(messages) if m.role == "user" and not _results(m)]
    before = range(prompts[-1] - 1, -1, -1) if prompts else range(0)
    return next((n for n in before if not _own(messages[n], provider, model)), None)


def _last_results(messages: Sequence[Message]) -> int | None:
    return next((n for n in range(len(messages) - 1, -1, -1) if _results(messages[n])), None)


def _results(message: Message) -> bool:
    return any(isinstance(p, ResultPart) for p in message.parts)


def _list_called_tools(messages: Sequence[Message]) -> list[str]:
    return list(dict.fromkeys(p.name for m in messages for p in m.parts if isinstance(p, CallPart)))


def _tool(name: str, description: str, schema: Any) -> Json:
    return {"name": name, "description": description, "input_schema": schema}


def _thinking(request: Request, options: Mapping[str, Any]) -> Json | None:
    """Return the thinking setting: off, adaptive, or a token budget for older models. A route never thinks."""
    wish = request.settings.get("thinking", options["thinking"])
    if request.role == "route" or not wish or wish == "off":
        return None
    if isinstance(wish, int) and not isinstance(wish, bool):
        return {"type": "enabled", "budget_tokens": wish}
    return {"type": "adaptive", "display": "summarized"}
