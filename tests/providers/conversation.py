"""A conversation of three turns, with thinking and parallel tool calls, as the house hands it to an adapter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ralph.core.llm.messages import CallPart, Message, Opaque, ResultPart, TextPart, ThinkingPart, user
from ralph.core.llm.request import Request, ToolSpec

CITY: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ToolSpec("weather", "the weather of a city", CITY)
PARIS = CallPart("call_1", "weather", {"city": "Paris"})
OSLO = CallPart("call_2", "weather", {"city": "Osló"})
RESULTS = (ResultPart("call_1", "weather", "sunny"), ResultPart("call_2", "weather", "no such city", error=True))


def conversation(asked: Opaque | None = None, answered: Opaque | None = None) -> tuple[Message, ...]:
    """Three turns; the first one's calls and answer have these opaque forms."""
    return (
        user("Paris and Oslo?"),
        Message("assistant", (ThinkingPart("two calls"), TextPart("Let me see."), PARIS, OSLO), asked),
        Message("user", RESULTS),
        Message("assistant", (ThinkingPart("one is known"), TextPart("Paris is sunny.")), answered),
        user("Thanks"),
        Message("assistant", (TextPart("Gladly."),)),
        user("Once more"),
    )


def request(messages: tuple[Message, ...], **more: Any) -> Request:
    return replace(
        Request("model-1", messages, system="Be brief.", tools=(WEATHER,), instruction="Answer now."), **more
    )
