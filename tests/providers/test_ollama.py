"""Ollama: the window that is always asked for, whole calls, and lines of error."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import user
from ralph.core.llm.request import Request, Waiting
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._endpoint import endpoint
from ralph.providers._ollama_adapter import TAILS
from ralph.providers.ollama import BASE_URL
from tests.providers.conftest import Opener
from tests.providers.conversation import CITY, conversation, request
from tests.providers.wires import OLLAMA, collect
from tests.wires.script import Reply
from tests.wires.server import Server

TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "the weather of a city", "parameters": CITY},
}


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


async def test_the_whole_request(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(OLLAMA), request(conversation(), max_output=500, settings={"temperature": 0, "unknown": 1}))
    assert server.asked[0].path == "/api/chat"
    assert server.asked[0].json == {
        "model": "model-1",
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": {"num_ctx": 16384, "num_predict": 500, "temperature": 0},
        "tools": [TOOL],
        "messages": [
            _said("system", "Be brief."),
            _said("user", "Paris and Oslo?"),
            {
                **_said("assistant", "Let me see."),
                "tool_calls": [
                    {"id": "call_1", "function": {"name": "weather", "arguments": {"city": "Paris"}}},
                    {"id": "call_2", "function": {"name": "weather", "arguments": {"city": "Osló"}}},
                ],
            },
            {**_said("tool", "sunny"), "tool_name": "weather", "tool_call_id": "call_1"},
            {**_said("tool", "error: no such city"), "tool_name": "weather", "tool_call_id": "call_2"},
            _said("assistant", "Paris is sunny."),
            _said("user", "Thanks"),
            _said("assistant", "Gladly."),
            _said("user", "Once more\n\nAnswer now."),
        ],
    }


async def test_calls_that_cannot_be_forbidden_are_not_offered(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(OLLAMA), request(conversation(), tool_choice="none"))
    assert "tools" not in server.asked[0].json


@pytest.mark.parametrize(("wish", "window", "expected"), [(16384, 8192, 8192), (4096, 8192, 4096), (100, None, 100)])
async def test_the_window(server: Server, connect: Opener, wish: int, window: int | None, expected: int) -> None:
    server.models = ({"id": "model-1", "window": window},)
    server.will(Reply(text="ok", times=2))
    provider = connect(OLLAMA, options={"num_ctx": wish})
    for _ in range(2):
        await collect(provider, Request("model-1", (user("a"),)))
    assert [r.json["options"]["num_ctx"] for r in server.asked] == [expected, expected]
    assert [r.path for r in server.requests] == ["/api/show", "/api/chat", "/api/chat"]


@pytest.mark.parametrize(
    ("abilities", "options", "settings", "role", "expected"),
    [
        (["completion"], {"thinking": "on"}, {}, "format", None),
        (["thinking"], {}, {}, "format", None),
        (["thinking"], {}, {}, "route", False),
        (["thinking"], {"thinking": "off"}, {}, "format", False),
        (["thinking"], {"thinking": False}, {}, "format", False),
        (["thinking"], {"thinking": "off"}, {"thinking": "on"}, "format", True),
        (["thinking"], {"thinking": "high"}, {}, "tool", "high"),
    ],
)
async def test_thinking(
    server: Server, connect: Opener, abilities: Any, options: Any, settings: Any, role: Any, expected: Any
) -> None:
    server.models = ({"id": "model-1", "capabilities": abilities},)
    server.will(Reply(text="ok"))
    await collect(connect(OLLAMA, options=options), Request("model-1", (user("a"),), role=role, settings=settings))
    assert server.asked[0].json.get("think") == expected


async def test_how_long_it_stays_loaded(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(OLLAMA, options={"keep_alive": "10m"}), Request("model-1", (user("a"),)))
    assert server.asked[0].json["keep_alive"] == "10m"


async def test_a_model_that_is_not_there(server: Server, connect: Opener) -> None:
    server.will(Reply(status=404, error={"message": "model 'qwen9' not found"}))
    got = await collect(connect(OLLAMA), Request("qwen9", (user("a"),)))
    assert got.failure is not None
    assert (got.failure.kind, got.failure.rejected) == (Kind.UNKNOWN_MODEL, True)
    assert "ralph models ollama" in got.failure.message


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        ("the input length exceeds the context length", 400, Kind.CONTEXT_LENGTH),
        ("model requires more system memory", 500, Kind.SERVER),
        ("unauthorized", 401, Kind.AUTH),
    ],
)
async def test_its_own_words(server: Server, connect: Opener, words: str, status: int, kind: Kind) -> None:
    server.will(Reply(status=status, error={"message": words}))
    got = await collect(connect(OLLAMA), Request("model-1", (user("a"),)))
    assert got.failure is not None
    assert got.failure.kind is kind


async def test_calls_without_ids(server: Server, connect: Opener) -> None:
    server.will(Reply(calls=({"name": "f", "arguments": {"x": 1}}, {"name": "g", "arguments": {}})))
    got = await collect(connect(OLLAMA), Request("model-1", (user("a"),)))
    assert got.calls == [("call_0", "f", {"x": 1}), ("call_1", "g", {})]
    assert got.answer.stop_reason == "tool_calls"


async def test_a_count_that_is_left_out_is_unknown(server: Server, connect: Opener) -> None:
    line = {"model": "m", "message": {"content": "ok"}, "done": True, "done_reason": "stop", "eval_count": 4}
    server.will(Reply(body=json.dumps(line) + "\n"))
    got = await collect(connect(OLLAMA), Request("model-1", (user("a"),)))
    assert (got.report.raw_usage, got.text) == ({"eval_count": 4}, "ok")
    assert got.report.doubtful == {"input": ""}  # the gateway estimates it


async def test_a_last_line_without_its_end(server: Server, connect: Opener) -> None:
    server.will(Reply(body='{"message": {"content": "ok"}, "done": true}'))
    got = await collect(connect(OLLAMA), Request("model-1", (user("a"),)))
    assert got.text == "ok"
    assert got.answer.stop_reason == "stop"


async def test_what_its_models_can(server: Server, connect: Opener) -> None:
    server.models = ({"id": "a:1b", "window": 4096, "capabilities": ["completion", "tools", "thinking"]},)
    (model,) = await connect(OLLAMA).models()
    assert (model.name, model.window, model.tools, model.thinking, model.images) == ("a:1b", 4096, True, True, False)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("gpu-7", "http://gpu-7:11434"),
        ("gpu-7:9000/", "http://gpu-7:9000"),
        ("https://ollama.example", "https://ollama.example"),
        ("http://ollama.example/path", "http://ollama.example/path"),
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434"),
        ("[::1]", "http://[::1]:11434"),
    ],
)
def test_the_address_as_people_write_it(host: str, url: str) -> None:
    assert endpoint(ProviderSettings("o", "ollama", base_url=host), BASE_URL, TAILS, bare_port=11434).url == url


def _listed(*rows: dict[str, Any], **more: Any) -> Reply:
    return Reply(body=json.dumps({"models": list(rows)}), when={"path": "/api/ps"}, **more)


def _row(name: str, expires: str = "2026-11-20T14:07:11Z") -> dict[str, Any]:
    return {"name": name, "model": name, "expires_at": expires}


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ralph.providers._ollama_loading.QUIET_S", 0.05)
    monkeypatch.setattr("ralph.providers._ollama_loading.AGAIN_S", 0.01)


SLOW = Reply(text=("a", "b"), delay=0.4)


@pytest.mark.parametrize(
    ("replies", "loading"),
    [
        ([_listed()], True),
        ([_listed(_row("other:latest"))], True),
        ([_listed(_row("model-1:latest", "1")), _listed(_row("model-1:latest", "2"))], True),
        ([_listed(_row("model-1:latest"), times=2)], False),
        ([Reply(status=500, when={"path": "/api/ps"})], False),
        ([Reply(body="[7]", when={"path": "/api/ps"})], False),
        ([Reply(fault="stall_headers", when={"path": "/api/ps"})], False),
    ],
    ids=["nothing", "another", "its expiry moves", "loaded", "an error", "a strange list", "silence"],
)
@pytest.mark.usefixtures("hasty")
async def test_a_load_is_told_before_the_first_word(
    server: Server, connect: Opener, replies: list[Reply], loading: bool
) -> None:
    server.will(*replies, SLOW)
    got = await collect(connect(OLLAMA), Request("model-1", (user("a"),)))
    assert got.text == "ab"
    assert [i.cause for i in got.items if isinstance(i, Waiting)] == (["loading"] if loading else [])
    assert isinstance(got.items[0], Waiting) is loading
    asked = [r for r in server.requests if r.path == "/api/ps"]
    assert {r.client for r in asked}.isdisjoint({server.asked[0].client}), "on a connection of its own"


async def test_an_answer_that_comes_is_not_asked_about(server: Server, connect: Opener) -> None:
    server.will(Reply(text=("a",) * 5))
    await collect(connect(OLLAMA), Request("model-1", (user("a"),)))
    assert [r.path for r in server.requests] == ["/api/show", "/api/chat"]


@pytest.mark.parametrize("when", ["before it is asked", "while it loads"])
@pytest.mark.usefixtures("hasty")
async def test_leaving_while_it_loads_closes_the_request(server: Server, connect: Opener, when: str) -> None:
    server.will(Reply(fault="stall_headers", when={"path": "/api/chat"}))
    provider = connect(OLLAMA)

    async def take() -> None:
        async with aclosing(provider.stream(Request("model-1", (user("a"),)))) as items:  # type: ignore[type-var]
            async for item in items:
                assert item == Waiting("loading")
                if when == "while it loads":
                    return

    task = asyncio.ensure_future(take())
    await server.until(lambda: len(server.asked) == 1)
    if when == "before it is asked":
        task.cancel()
    await asyncio.wait([task])
    await server.until(lambda: server.asked[0].finished)
    assert server.asked[0].closed_early
    assert task.cancelled() is (when == "before it is asked")
    if not task.cancelled():
        task.result()


async def test_warming_opens_the_connection_that_the_question_takes(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok"))
    provider = connect(OLLAMA)
    await provider.warm()
    await collect(provider, Request("model-1", (user("a"),)))
    assert [r.path for r in server.requests] == ["/api/version", "/api/show", "/api/chat"]
    assert len({r.client for r in server.requests}) == 1
