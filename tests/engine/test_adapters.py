"""The adapters over a real engine: real tokens, real thinking, a real tool loop, a real decision, a real stop."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import Message, ResultPart, user
from ralph.core.llm.request import Piece, Request, ToolSpec
from ralph.core.timeline import decision
from ralph.core.timeline.history import for_model
from tests.engine.conftest import Opener
from tests.engine.patience import collect

WEATHER = ToolSpec(
    "get_weather",
    "The weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
GREEDY = {"temperature": 0}
ADAPTERS: list[tuple[str, dict[str, Any]]] = [
    ("anthropic", {}),
    ("openai", {"api": "responses"}),
    ("openai", {"api": "chat"}),
    ("openai_compatible", {}),
]
ALL = pytest.mark.parametrize(("kind", "options"), ADAPTERS, ids=["anthropic", "responses", "chat", "compatible"])


def ask(text: str, **more: Any) -> Request:
    return replace(Request("tiny-chat", (user(text),), settings=GREEDY, max_output=200), **more)


@ALL
async def test_text_and_usage(connect: Opener, kind: str, options: Any) -> None:
    got = await collect(connect(kind, **options), ask("Hello"))
    assert "help you" in got.text
    assert got.answer.stop_reason == "stop"
    usage = got.usage
    assert usage is not None
    assert usage.source == "reported"
    assert usage.input > 0
    assert usage.output > 0
    assert usage.cache_read <= usage.input


@ALL
async def test_the_output_limit(connect: Opener, kind: str, options: Any) -> None:
    got = await collect(connect(kind, **options), ask("Count to ten.", max_output=4))
    assert got.usage is not None
    assert got.usage.output == 4
    if options.get("api") != "responses":  # there this engine calls it `completed`
        assert got.answer.stop_reason == "length"


@ALL
async def test_thinking(connect: Opener, kind: str, options: Any) -> None:
    got = await collect(connect(kind, **options), ask("Think: 2+2?"))
    assert "add" in got.thinking
    assert got.text.strip()
    assert got.thinking not in got.text


@ALL
async def test_a_whole_tool_loop(connect: Opener, kind: str, options: Any) -> None:
    provider = connect(kind, **options)
    asked = ask("What is the weather in Paris?", tools=(WEATHER,))
    called = await collect(provider, asked)
    assert called.answer.stop_reason == "tool_calls"
    ((id_, name, arguments),) = called.calls
    assert (name, arguments) == ("get_weather", {"city": "Paris"})
    assert json.loads(called.joined("tool_input")) == arguments
    said = Message("assistant", called.parts, called.opaque)
    results = Message("user", (ResultPart(id_, name, "sunny"),))
    messages = for_model((*asked.messages, said, results), kind, "tiny-chat")
    answered = await collect(provider, replace(asked, messages=messages, tool_choice="none"))
    assert "Paris is sunny" in answered.text
    assert answered.calls == []


@pytest.mark.parametrize(("kind", "options"), ADAPTERS[2:], ids=["chat", "compatible"])
async def test_a_decision_of_the_route(connect: Opener, kind: str, options: Any) -> None:
    """By `response_format`; of the other two wires' ways to ask for a shape this engine knows nothing."""
    schema = decision.schema(["calculate", "get_weather"])
    got = await collect(connect(kind, **options), ask("Hello", role="route", schema=schema, max_output=400))
    read = decision.read(got.text)
    assert set(read.tools) <= {"calculate", "get_weather"}
    assert list(json.loads(got.text)) == ["tools", "rounds", "intent", "difficulty", "reason"]


@ALL
async def test_a_stop_frees_the_slot(engine: str, connect: Opener, kind: str, options: Any) -> None:
    provider = connect(kind, **options)
    long = ask("Count to ten.", max_output=4000, settings={"temperature": 2.0})

    async def read() -> None:
        async with aclosing(provider.stream(long)) as items:  # type: ignore[type-var]
            async for item in items:
                if isinstance(item, Piece):
                    first.set()

    first = asyncio.Event()
    task = asyncio.ensure_future(read())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with httpx.AsyncClient(base_url=engine) as client, asyncio.timeout(60):
        while any(slot["is_processing"] for slot in (await client.get("/slots")).json()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # the engine tells nobody, so it must be asked


@ALL
async def test_a_conversation_that_is_too_long(connect: Opener, kind: str, options: Any) -> None:
    got = await collect(connect(kind, **options), ask("moon " * 6000))
    assert got.failure is not None
    assert got.failure.kind is Kind.CONTEXT_LENGTH


@ALL
async def test_its_models(connect: Opener, kind: str, options: Any) -> None:
    (model,) = await connect(kind, **options).models()
    assert "tiny-chat" in model.name
    if kind == "openai_compatible":
        assert model.window
