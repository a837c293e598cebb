"""A whole turn without a model, a face or a store: route, tool and format of the built-in provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

from ralph import registry
from ralph.core.llm.messages import CallPart, Message, ResultPart, user
from ralph.core.llm.request import Answer, Piece, Request
from ralph.core.llm.tool import SearchHit, Surroundings, Tool, ToolCall, ToolFailure
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.core.timeline import decision
from ralph.providers.builtin import PROVIDER
from tests.frozen import FrozenClock

NAMES = ("calculate", "clock", "convert", "files", "guides", "search_files", "timeline_search")
TOOLS: Mapping[str, Tool] = {name: registry.load("tools", name) for name in NAMES}


class Remembered:
    """One saved timeline, which holds whatever is sought."""

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]:
        here = SearchHit("t000000001", "now", 1, "2026-11-20T14:02:11.000000Z", "user", text)
        saved = SearchHit("k3f9w2m7qd", "Oil", 2, "2026-10-01T08:00:00.000000Z", "format", f"… of {text} …")
        return (here, saved)


class Turn(NamedTuple):
    decision: decision.RouteDecision
    calls: tuple[CallPart, ...]
    text: str


def surroundings(root: Path) -> Surroundings:
    return Surroundings(root, FrozenClock(), Remembered(), "t000000001")


async def take(prompt: str, root: Path) -> Turn:
    """The turn's answer. Raises the `ProviderFailure` of the format step."""
    asked = (user(prompt),)
    _, text = await _ask("route", asked)
    decided = decision.read(text).limit(NAMES, 8)
    made: tuple[Message, ...] = ()
    calls: tuple[CallPart, ...] = ()
    if decided.tools:
        called, _ = await _ask("tool", asked)
        assert called.stop_reason == "tool_calls"
        calls = tuple(p for p in called.content.parts if isinstance(p, CallPart))
        results = [await _result(call, surroundings(root)) for call in calls]
        made = (Message("assistant", called.content.parts), Message("user", tuple(results)))
        done, _ = await _ask("tool", (*asked, *made))
        assert (done.stop_reason, done.content.parts[0].text) == ("stop", "done")  # type: ignore[union-attr]
    _, text = await _ask("format", (*asked, *made))
    return Turn(decided, calls, text)


async def _ask(role: str, messages: tuple[Message, ...]) -> tuple[Answer, str]:
    provider = PROVIDER.open(ProviderSettings("builtin", "builtin"))
    specs = tuple(TOOLS[name].spec for name in NAMES)
    schema = decision.schema(NAMES) if role == "route" else None
    tools = () if role == "route" else specs
    request = Request("rules", messages, role=role, tools=tools, schema=schema)  # type: ignore[arg-type]
    async with aclosing(provider.stream(request)) as items:
        seen = [item async for item in items]
    answer = seen[-1]
    assert isinstance(answer, Answer)
    return answer, "".join(i.text for i in seen if isinstance(i, Piece) and i.channel == "text")


async def _result(call: CallPart, around: Surroundings) -> ResultPart:
    json.dumps(dict(call.arguments))  # arguments are plain data
    try:
        output = await TOOLS[call.name].run(call.arguments, ToolCall(around))
        return ResultPart(call.id, call.name, output if isinstance(output, str) else output.text)
    except ToolFailure as failure:
        return ResultPart(call.id, call.name, str(failure), error=True)
