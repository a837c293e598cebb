"""Builds a request for OpenAI's Responses. The vendor stores nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ralph.core.llm.messages import CallPart, Message, Part, ResultPart, TextPart
from ralph.core.llm.request import Request
from ralph.core.log.codec import plain
from ralph.providers._chat_request import arguments_json, result_text
from ralph.providers._schemas import NO_LENGTHS, without

Json = dict[str, Any]
_OLD = re.compile(r"^(gpt-3|gpt-4|chatgpt)")  # these models do not reason, and they accept sampling parameters


def reasons(model: str) -> bool:
    """Return whether the model reasons: it accepts an effort and, unless that is `none`, no temperature or top_p."""
    return not _OLD.match(model)


def takes_sampling(request: Request, base: str = "") -> bool:
    """Return whether the model accepts sampling parameters: GPT-5 and later answer 400 to them while they reason.

    `base` is the model behind a deployment, whose name says nothing.
    """
    return not reasons(base or request.model) or request.settings.get("effort") == "none"


def list_responses_settings(request: Request, base: str = "") -> frozenset[str]:
    """Return the settings that are sent to this model; `base` as above."""
    sampling = ("temperature", "top_p") if takes_sampling(request, base) else ()
    return frozenset(("max_output", *sampling, *(("effort", "thinking") if reasons(base or request.model) else ())))


def responses_body(request: Request, provider: str, options: Mapping[str, Any], base: str = "") -> Json:
    """Return the request's body; `base` as above. `store` is off: reasoning comes back encrypted and is sent along."""
    settings = request.settings
    body: Json = {"model": request.model, "input": _items(request, provider), "stream": True, "store": False}
    if request.system:
        body["instructions"] = request.system
    if request.tools:
        body["tools"] = [
            # `strict` defaults to true here, and most tools' schemas do not meet it.
            {"type": "function", "name": t.name, "description": t.description, "parameters": plain(t.schema)}
            | {"strict": False}
            for t in request.tools
        ]
        body["tool_choice"] = request.tool_choice
    if request.schema is not None:
        schema = without(request.schema, NO_LENGTHS)
        body["text"] = {"format": {"type": "json_schema", "name": request.role, "strict": True, "schema": schema}}
    limit = request.max_output or settings.get("max_output")
    if limit:
        body["max_output_tokens"] = limit
    if takes_sampling(request, base):
        body |= {name: settings[name] for name in ("temperature", "top_p") if settings.get(name) is not None}
    if reasons(base or request.model):
        body["include"] = ["reasoning.encrypted_content"]
        reasoning = _reasoning(request, options)
        if reasoning:
            body["reasoning"] = reasoning
    return body


def _reasoning(request: Request, options: Mapping[str, Any]) -> Json:
    made: Json = {}
    effort = request.settings.get("effort", options["effort"])
    if effort:
        made["effort"] = effort
    thinking = request.settings.get("thinking", options["thinking"])
    if thinking and thinking != "off" and request.role != "route":
        made["summary"] = "auto"
    return made


def _items(request: Request, provider: str) -> list[Json]:
    made: list[Json] = []
    for message in request.messages:
        kept = message.opaque
        if kept and (kept.provider, kept.model) == (provider, request.model):
            made += json.loads(kept.json)
        else:
            made += [item for part in message.parts if (item := _item(message, part))]
    if request.instruction:
        made.append(_text("user", request.instruction))
    return made


def _item(message: Message, part: Part) -> Json | None:
    match part:
        case TextPart(text) if text:
            return _text(message.role, text)
        case CallPart(id_, name, arguments):
            return {"type": "function_call", "call_id": id_, "name": name, "arguments": arguments_json(arguments)}
        case ResultPart(id_):
            return {"type": "function_call_output", "call_id": id_, "output": result_text(part)}
    return None


def _text(role: str, text: str) -> Json:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
