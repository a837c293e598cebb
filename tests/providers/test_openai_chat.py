"""OpenAI's Chat Completions, and which of its two wires is taken."""

from __future__ import annotations

from typing import Any

import pytest

from ralph.core.llm.messages import user
from ralph.core.llm.request import Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._openai_adapter import OpenAIProvider, open_openai
from ralph.providers.openai import BASE_URL, PROVIDER
from tests.providers.conftest import BOTH, Opener
from tests.providers.conversation import CITY, conversation, request
from tests.providers.wires import CHATS, OPENAI_CHAT, Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Server

TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "the weather of a city", "parameters": CITY},
}


@pytest.mark.parametrize("wire", CHATS, ids=lambda w: w.name)
async def test_the_whole_request(server: Server, connect: Opener, wire: Wire) -> None:
    """One dialect or another, the conversation is the same."""
    server.will(Reply(text="ok"))
    await collect(connect(wire), request(conversation(), max_output=500))
    limit = "max_completion_tokens" if wire.kind == "groq" else "max_tokens"
    assert server.asked[0].path == "/v1/chat/completions"
    assert server.asked[0].headers["authorization"] == "Bearer secret-key-1"
    assert server.asked[0].json == {
        "model": "model-1",
        "stream": True,
        "stream_options": {"include_usage": True},
        limit: 500,
        "tools": [TOOL],
        "tool_choice": "auto",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Paris and Oslo?"},
            {
                "role": "assistant",
                "content": "Let me see.",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Paris"}'},
                    },
                    {
                        "id": "call_2",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Osló"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
            {"role": "tool", "tool_call_id": "call_2", "content": "error: no such city"},
            {"role": "assistant", "content": "Paris is sunny."},
            {"role": "user", "content": "Thanks"},
            {"role": "assistant", "content": "Gladly."},
            {"role": "user", "content": "Once more\n\nAnswer now."},
        ],
    }


@pytest.mark.parametrize("wire", CHATS, ids=lambda w: w.name)
async def test_an_instruction_after_results_is_a_message(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(wire), request(conversation()[:3]))
    assert server.asked[0].json["messages"][-2:] == [
        {"role": "tool", "tool_call_id": "call_2", "content": "error: no such city"},
        {"role": "user", "content": "Answer now."},
    ]


@BOTH
@pytest.mark.parametrize(
    ("base_url", "api", "path"),
    [
        ("/v1", "", "/v1/chat/completions"),
        ("/v1", "chat", "/v1/chat/completions"),
        ("/v1", "responses", "/v1/responses"),
    ],
)
async def test_which_wire_is_taken(server: Server, connect: Opener, base_url: str, api: str, path: str) -> None:
    server.will(Reply(text="ok"))
    await collect(connect(OPENAI_CHAT, base_url=server.url + base_url, options={"api": api}), request((user("a"),)))
    assert server.asked[0].path == path


@pytest.mark.parametrize(("base_url", "responses"), [("", True), ("https://api.openai.com/v1", True)])
def test_openai_itself_gets_responses(base_url: str, responses: bool) -> None:
    provider = PROVIDER.open(ProviderSettings("openai", "openai", base_url=base_url))
    assert isinstance(provider, OpenAIProvider)
    assert provider._api.responses is responses


def test_openai_itself_in_chat_form() -> None:
    provider = open_openai(ProviderSettings("openai", "openai", options={"api": "chat"}), BASE_URL)
    asked = Request("gpt-6.1-sol", (user("a"),), max_output=5, settings={"temperature": 1, "effort": "low"})
    assert provider._chat_body(asked) == {
        "model": "gpt-6.1-sol",
        "messages": [{"role": "user", "content": "a"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 5,
        "reasoning_effort": "low",
    }


@pytest.mark.parametrize("wire", CHATS, ids=lambda w: w.name)
async def test_settings_are_passed_on(server: Server, connect: Opener, wire: Wire) -> None:
    settings: dict[str, Any] = {"temperature": 0, "top_p": 0.5, "seed": 3, "stop": ["x"], "unknown": 1, "effort": "low"}
    server.will(Reply(text="ok"))
    await collect(connect(wire), Request("m", (user("a"),), settings=settings))
    sent = server.asked[0].json
    assert {k: sent[k] for k in ("temperature", "top_p", "seed", "stop")} == {
        k: settings[k] for k in ("temperature", "top_p", "seed", "stop")
    }
    assert sent["reasoning_effort"] == "low"
    assert "unknown" not in sent


@pytest.mark.parametrize("wire", CHATS, ids=lambda w: w.name)
async def test_thinking_is_shown_and_never_sent(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(thinking="hm", text="4"), Reply(text="ok"))
    provider = connect(wire)
    got = await collect(provider, request((user("2+2"),)))
    assert (got.thinking, got.opaque) == ("hm", None)
    await collect(provider, request(conversation()))
    assert b"two calls" not in server.asked[1].body
