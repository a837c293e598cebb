"""What a wire does not take is told: nothing is dropped without a word, and nothing told of is sent."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import pytest

from ralph import registry
from ralph.core.llm.messages import user
from ralph.core.llm.request import Ignored, Item, Request
from ralph.core.llm.sampling import SETTINGS
from ralph.core.ports.provider_spec import ProviderSettings
from tests.wires.script import Reply
from tests.wires.server import Server

GIVEN: dict[str, Any] = {
    "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "seed": 7, "max_output": 500, "effort": "high",
    "thinking": "on", "stop": "END", "presence_penalty": 0.25, "frequency_penalty": 0.75, "repeat_penalty": 1.1,
}  # fmt: skip
# How each wire writes what it takes; the rest is told.
TAKEN: dict[tuple[str, str, str], dict[str, str]] = {
    ("anthropic", "claude", ""): {
        "max_output": '"max_tokens": 500', "effort": '"effort": "high"', "thinking": '"thinking"', "stop": "END",
    },
    ("openai", "gpt-6", "responses"): {
        "max_output": '"max_output_tokens": 500', "effort": '"effort": "high"', "thinking": '"summary"',
    },
    ("openai", "gpt-4o", "responses"): {
        "max_output": '"max_output_tokens": 500', "temperature": "0.5", "top_p": "0.9",
    },
    ("openai", "model-1", "chat"): {
        "max_output": '"max_tokens": 500', "temperature": "0.5", "top_p": "0.9", "seed": '"seed": 7', "stop": "END",
        "presence_penalty": "0.25", "frequency_penalty": "0.75", "effort": '"reasoning_effort": "high"',
    },
    ("openai_compatible", "model-1", ""): {
        "max_output": '"max_tokens": 500', "temperature": "0.5", "top_p": "0.9", "seed": '"seed": 7', "stop": "END",
        "presence_penalty": "0.25", "frequency_penalty": "0.75", "effort": '"reasoning_effort": "high"',
    },
    ("ollama", "model-1", ""): {
        "max_output": '"num_predict": 500', "temperature": "0.5", "top_p": "0.9", "top_k": '"top_k": 40',
        "min_p": '"min_p": 0.1', "seed": '"seed": 7', "stop": "END", "repeat_penalty": '"repeat_penalty": 1.1',
        "thinking": '"think"',
    },
}  # fmt: skip


async def ask(kind: str, model: str, api: str, role: Any = "format") -> tuple[list[Item], str]:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 9, "output": 1}))
        url = server.url if kind in ("anthropic", "ollama") else f"{server.url}/v1"
        options = {**registry.load("providers", kind).options, **({"api": api} if api else {})}
        provider = registry.load("providers", kind).open(ProviderSettings(kind, kind, "sk-test", url, options=options))
        try:
            async with aclosing(provider.stream(Request(model, (user("hi"),), role, settings=GIVEN))) as items:
                made = [item async for item in items]
        finally:
            await provider.aclose()
        return made, json.dumps(server.asked[-1].json)


@pytest.mark.parametrize("wire", TAKEN, ids=" ".join)
async def test_every_setting_is_sent_or_told(wire: tuple[str, str, str]) -> None:
    assert set(GIVEN) == set(SETTINGS)
    items, body = await ask(*wire)
    told = [name for item in items if isinstance(item, Ignored) for name in item.settings]
    taken = TAKEN[wire]
    if "thinking" in told:  # this server's model does not think
        taken = {k: v for k, v in taken.items() if k != "thinking"}
    assert set(told) == set(GIVEN) - set(taken)
    assert all(written in body for written in taken.values()), body
    assert isinstance(items[0], Ignored)


async def test_a_route_is_silent() -> None:
    items, _ = await ask("anthropic", "claude", "", "route")
    assert not any(isinstance(item, Ignored) for item in items)


async def test_what_is_taken_is_not_told() -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",)))
        provider = registry.load("providers", "ollama").open(ProviderSettings("ollama", "ollama", "", server.url))
        request = Request("model-1", (user("hi"),), settings={"temperature": 0, "thinking": "off", "seed": None})
        async with aclosing(provider.stream(request)) as items:
            assert not [item async for item in items if isinstance(item, Ignored)]
        await provider.aclose()
