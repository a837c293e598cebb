"""The provider without a model: it routes and calls tools by rules, answers by template, and says when it cannot."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime

from ralph import rules
from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.messages import CallPart, Content, Message, ResultPart, TextPart
from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Answer, Item, Piece, Request
from ralph.core.log.codec import plain
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec
from ralph.providers._answers import Made, answer
from ralph.providers._settings import find_ignored

MODEL = "rules"
NO_MODEL = "this question needs a model, and none is connected"
# One command per line, short enough for a terminal of 80 columns.
WAYS = """\
without a model there are sums, units, dates, files, searches and answers about ralph itself; to connect one:
  type /connect on the screen, or in a shell: ralph keys set anthropic
  export ANTHROPIC_API_KEY=…; ralph -m anthropic:claude-sonnet-5-5
  ollama pull llama3.2:3b; ralph -m ollama:llama3.2:3b
any OpenAI-compatible server goes under `providers:` in the config:
  my-server: {kind: openai_compatible, base_url: "http://…/v1"}
  ralph config init; ralph -m my-server:MODEL"""


class Builtin:
    """A provider that sends nothing, costs nothing, and answers only text that its rules understand completely."""

    traits = Traits(sends_requests=False, local=True, free=True)

    def __init__(self, settings: ProviderSettings) -> None:
        self.name = settings.name

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        prompt, made = _turn(request.messages)
        for word in find_ignored(request, ()):
            yield word
        match request.role:
            case "route":
                items = _route(prompt, request)
            case "tool":
                items = _call(prompt, made, request)
            case "format":
                items = _format(made)
            case _:
                raise _no_model()
        for item in items:
            yield item

    async def models(self) -> tuple[ModelInfo, ...]:
        return (ModelInfo(MODEL, tools=True),)

    async def ready(self) -> None:
        """Do nothing, since there is nothing to open."""

    async def warm(self) -> None:
        """Do nothing, since there is nothing to open."""

    async def aclose(self) -> None:
        """Do nothing, since there is nothing to close."""


def _turn(messages: Sequence[Message]) -> tuple[str, list[Made]]:
    """Return the last prompt, and the calls after it that have a result."""
    asked = max((n for n, m in enumerate(messages) if m.role == "user" and m.text), default=-1)
    calls: dict[str, CallPart] = {}
    made: list[Made] = []
    for part in (p for m in messages[asked + 1 :] for p in m.parts):
        match part:
            case CallPart():
                calls[part.id] = part
            case ResultPart() if part.id in calls:
                made.append(Made(calls.pop(part.id), part))
            case _:
                pass
    return (messages[asked].text if asked >= 0 else ""), made


def _route(prompt: str, request: Request) -> list[Item]:
    """Return the routing decision. A hint is not enough here: the tool step can only call what the rules understand."""
    names = [spec.name for spec in request.tools] or _list_schema_tools(request)
    found = rules.match(prompt, names, _today())
    decision = rules.decide(prompt, names if found and found.complete else (), _today())
    text = json.dumps(plain(decision), ensure_ascii=False)
    return [Piece("text", text), Answer("stop", Content((TextPart(text),)))]


def _list_schema_tools(request: Request) -> list[str]:
    """Return the tools that a route request allows. The request declares no tools, but its schema lists them."""
    properties = (request.schema or {}).get("properties", {})
    return list(properties.get("tools", {}).get("items", {}).get("enum", ()))


def _call(prompt: str, made: Sequence[Made], request: Request) -> list[Item]:
    found = None if made else rules.match(prompt, [spec.name for spec in request.tools], _today())
    if found is None or not found.complete:
        return [Answer("stop", Content((TextPart("done"),)))]
    calls = tuple(CallPart(f"b{n}", c.name, c.arguments) for n, c in enumerate(found.calls, start=1))
    pieces = [Piece("tool_input", json.dumps(plain(c.arguments), ensure_ascii=False)) for c in calls]
    return [*pieces, Answer("tool_calls", Content(calls))]


def _format(made: Sequence[Made]) -> list[Item]:
    if not made:
        raise _no_model()
    text = answer(made)
    pieces = [Piece("text", piece) for piece in re.findall(r".{1,200}(?:\s+|$)|.{1,200}", text, re.DOTALL)]
    return [*pieces, Answer("stop", Content((TextPart(text),)))]


def _today() -> date:
    return datetime.now().astimezone().date()


def _no_model() -> ProviderFailure:
    return ProviderFailure(Kind.NO_MODEL, NO_MODEL, rejected=True, more=WAYS.splitlines())


PROVIDER = ProviderSpec(
    open=Builtin,
    summary="no model: sums, units, dates, files and searches by rules",
    local=True,
    free=True,
    preferred=dict.fromkeys(("route", "tool", "format", "summarise"), MODEL),
    connect="always there",
    order=1000,
)
