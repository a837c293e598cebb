"""Builds a request for OpenAI's Chat Completions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.messages import CallPart, Message, ResultPart
from ralph.core.llm.request import Request, ToolSpec
from ralph.core.log.codec import dumps, plain
from ralph.providers._schemas import without

Json = dict[str, Any]
SAMPLING = ("temperature", "top_p", "seed", "stop", "presence_penalty", "frequency_penalty")


@frozen
class ChatDialect(Data):
    """The points in which imitators of this wire differ.

    `schema`: how to ask for an answer of a given shape. `left_out`: schema keywords that the server refuses.
    `stream_usage`: ask for usage at the end. `sampling`: the settings that are sent.
    """

    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    schema: Literal["json_schema", "json_object", "off"] = "json_schema"
    left_out: Collection[str] = ()
    stream_usage: bool = True
    sampling: Collection[str] = SAMPLING


def chat_body(request: Request, dialect: ChatDialect) -> Json:
    """Return the request's body. The order of its keys never changes, so the same prefix gives the same bytes."""
    settings = request.settings
    body: Json = {"model": request.model, "messages": chat_messages(request), "stream": True}
    if dialect.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = [chat_tool(tool) for tool in request.tools]
        body["tool_choice"] = request.tool_choice
    if request.schema is not None and dialect.schema == "json_schema":
        schema = without(request.schema, dialect.left_out)
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": request.role, "strict": True, "schema": schema},
        }
    elif request.schema is not None and dialect.schema == "json_object":
        body["response_format"] = {"type": "json_object"}
    limit = request.max_output or settings.get("max_output")
    if limit:
        body[dialect.max_tokens] = limit
    body |= {name: settings[name] for name in dialect.sampling if settings.get(name) is not None}
    if settings.get("effort") is not None:
        body["reasoning_effort"] = settings["effort"]
    return body


def list_chat_settings(dialect: ChatDialect) -> frozenset[str]:
    """Return the settings that this dialect sends."""
    return frozenset((*dialect.sampling, "max_output", "effort"))


def chat_tool(tool: ToolSpec) -> Json:
    """Return the declaration of a tool. Ollama uses the same form."""
    function = {"name": tool.name, "description": tool.description, "parameters": plain(tool.schema)}
    return {"type": "function", "function": function}


def chat_messages(request: Request) -> list[Json]:
    """Return the system message, the conversation, and the step's instruction at the end."""
    made: list[Json] = [{"role": "system", "content": request.system}] if request.system else []
    for message in request.messages:
        made += _assistant(message) if message.role == "assistant" else _user(message)
    return add_instruction(made, request.instruction)


def add_instruction(messages: list[Json], instruction: str) -> list[Json]:
    """Append the instruction, joined to a last user message: many templates refuse two user messages in a row."""
    if not instruction:
        return messages
    if messages and messages[-1]["role"] == "user":
        *before, last = messages
        return [*before, {"role": "user", "content": f"{last['content']}\n\n{instruction}"}]
    return [*messages, {"role": "user", "content": instruction}]


def _user(message: Message) -> list[Json]:
    results = [p for p in message.parts if isinstance(p, ResultPart)]
    made: list[Json] = [{"role": "tool", "tool_call_id": r.id, "content": result_text(r)} for r in results]
    return [*made, {"role": "user", "content": message.text}] if message.text else made


def _assistant(message: Message) -> list[Json]:
    calls = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": arguments_json(c.arguments)}}
        for c in message.parts
        if isinstance(c, CallPart)
    ]
    if calls:
        return [{"role": "assistant", "content": message.text or None, "tool_calls": calls}]
    return [{"role": "assistant", "content": message.text}] if message.text else []


def result_text(result: ResultPart) -> str:
    """Return the text of a result. These wires have no flag for a failed tool, so the text states the failure."""
    return f"error: {result.output}" if result.error else result.output


def arguments_json(arguments: Mapping[str, Any]) -> str:
    return dumps(plain(arguments))
