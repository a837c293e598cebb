"""Results of tools as words of the person, for a model whose template knows no tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ralph.core.llm.messages import CallPart, Message, Part, ResultPart, TextPart
from ralph.core.llm.request import Request
from ralph.core.log.codec import dumps, plain
from ralph.providers._chat_request import result_text


def tell_results(request: Request) -> Request:
    """Return the request without tools: each result stands in words at the end of the question that it answers."""
    made: list[Message] = []
    calls: dict[str, CallPart] = {}
    for message in request.messages:
        calls |= {part.id: part for part in message.parts if isinstance(part, CallPart)}
        said = tuple(_words(part, calls) for part in message.parts if not isinstance(part, CallPart))
        results = any(isinstance(part, ResultPart) for part in message.parts)
        if results and made and made[-1].role == "user":
            made[-1] = replace(made[-1], parts=(TextPart(_join((*made[-1].parts, *said))),))
        elif said or not message.parts:
            made.append(replace(message, parts=said))
    return replace(request, messages=tuple(made), tools=())


def _words(part: Part, calls: Mapping[str, CallPart]) -> Part:
    if not isinstance(part, ResultPart):
        return part
    call = calls.get(part.id)
    return TextPart(
        f"Tool result of {part.name}({_list_arguments(call.arguments if call else {})}): {result_text(part)}"
    )


def _list_arguments(arguments: Mapping[str, Any]) -> str:
    return ", ".join(dumps(plain(value)) for value in arguments.values())


def _join(parts: tuple[Part, ...]) -> str:
    return "\n".join(part.text for part in parts if isinstance(part, TextPart))
