"""The SDK and httpx as two ways of the same requests, and which of them is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ralph.core.errors import ConfigFailure, Kind
from ralph.core.llm.messages import user
from ralph.core.llm.request import Request
from tests.providers.conftest import BOTH, Opener
from tests.providers.conversation import conversation, request
from tests.providers.wires import ANTHROPIC, OPENAI_CHAT, RESPONSES, Wire, collect, over_http
from tests.wires.script import Reply
from tests.wires.server import Recorded, Server

HELLO = Request("model-1", (user("hi"),))
EACH = pytest.mark.parametrize("wire", [ANTHROPIC, RESPONSES, OPENAI_CHAT], ids=lambda w: w.name)
ENVIRON = {
    "anthropic": {"ANTHROPIC_CUSTOM_HEADERS": "X-Team: blue\nno header\nanthropic-beta: a-2026-01-01 "},
    "openai": {
        "OPENAI_ORG_ID": "org-1",
        "OPENAI_PROJECT_ID": "proj-1",
        "OPENAI_CUSTOM_HEADERS": "X-Team: blue\nOpenAI-Beta: a=v1",
    },
}


def shared(asked: Recorded) -> Mapping[str, str]:
    """The headers that are not the client's own."""
    own = ("host", "user-agent", "content-length")
    return {k: v for k, v in asked.headers.items() if k not in own and not k.startswith("x-stainless-")}


@EACH
async def test_both_send_the_same(server: Server, connect: Opener, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = ENVIRON[wire.kind]
    for name, value in environ.items():
        monkeypatch.setenv(name, value)  # the SDKs look there by themselves
    for one in (wire, over_http(wire)):
        server.will(Reply(text="ok"))
        provider = connect(one, environ=environ)
        await collect(provider, request(conversation(), max_output=9))
        await provider.models()
    by_sdk, sdk_list, by_http, http_list = server.requests
    for one, other in ((by_sdk, by_http), (sdk_list, http_list)):
        assert (one.method, one.path) == (other.method, other.path)
        assert dict(shared(one)) == dict(shared(other))
        assert shared(one)["x-team"] == "blue"
        assert shared(one)["authorization"] == "Bearer secret-key-1"
    assert by_sdk.json == by_http.json
    assert by_sdk.headers["user-agent"] != by_http.headers["user-agent"]
    if wire.kind == "openai":
        assert (by_http.headers["openai-organization"], by_http.headers["openai-project"]) == ("org-1", "proj-1")


@BOTH
@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI_CHAT], ids=lambda w: w.name)
async def test_who_asks(server: Server, connect: Opener, wire: Wire, transport: str) -> None:
    """The address's own user goes before a header of the environment, that before the key; without any nobody asks."""
    variable = f"{wire.kind.upper()}_CUSTOM_HEADERS"
    environ = {variable: "Authorization: Token of-mine"}
    named = f"http://me:secret@127.0.0.1:{server.port}{wire.root}"
    server.will(Reply(text="ok", times=3))
    for settings in ({"base_url": named, "environ": environ}, {"environ": environ}, {"api_key": ""}):
        await collect(connect(wire, options={"transport": transport}, **settings), HELLO)
    assert [r.headers.get("authorization") for r in server.asked] == ["Basic bWU6c2VjcmV0", "Token of-mine", None]


@BOTH
@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI_CHAT], ids=lambda w: w.name)
async def test_nobody_tries_again_unseen(server: Server, connect: Opener, wire: Wire, transport: str) -> None:
    headers = {"x-should-retry": "true", "retry-after-ms": "1"}
    server.will(Reply(status=503, headers=headers, times=None))
    got = await collect(connect(wire, options={"transport": transport}), HELLO)
    assert got.failure is not None
    assert got.failure.kind is Kind.OVERLOADED
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("wire", "variable"),
    [(ANTHROPIC, "ANTHROPIC_CUSTOM_HEADERS"), (RESPONSES, "OPENAI_CUSTOM_HEADERS"), (RESPONSES, "OPENAI_ORG_ID")],
)
def test_a_header_of_the_environment_that_cannot_be_sent(wire: Wire, variable: str) -> None:
    with pytest.raises(ConfigFailure) as caught:
        wire.open(Server(), base_url="http://127.0.0.1:9/v1", environ={variable: "x-tea: schlüssel"})
    assert caught.value.message.startswith(f"{variable}.")
    assert "schlüssel" not in caught.value.message


@BOTH
async def test_a_list_of_many_pages(server: Server, connect: Opener, transport: str) -> None:
    pages: list[dict[str, Any]] = [
        {"data": [{"id": "a"}], "has_more": True, "last_id": "a"},
        {"data": [{"id": "b"}], "has_more": False, "last_id": "b"},
    ]
    server.will(*(Reply(body=json.dumps(page), when={"path": "/v1/models"}) for page in pages))
    listed = await connect(ANTHROPIC, options={"transport": transport}).models()
    assert [m.name for m in listed] == ["a", "b"]
    assert [r.path for r in server.requests] == ["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=a"]


@pytest.mark.parametrize(
    ("option", "loaded", "agent"),
    [("auto", False, "python-httpx"), ("auto", True, "Async"), ("sdk", False, "Async"), ("http", True, "python-httpx")],
)
@EACH
async def test_which_way_is_taken(
    server: Server, connect: Opener, wire: Wire, option: str, loaded: bool, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` takes an SDK that is loaded already; a provider keeps to its first choice."""
    monkeypatch.setattr("ralph.providers._transport.is_loaded", lambda name: name == wire.kind and loaded)
    provider = connect(wire, options={"transport": option})
    server.will(Reply(text="ok", times=2))
    await provider.warm()
    await collect(provider, HELLO)
    monkeypatch.setattr("ralph.providers._transport.is_loaded", lambda name: not loaded)
    await collect(provider, HELLO)
    assert len(server.asked) == 2
    assert all(r.headers["user-agent"].startswith(agent) for r in server.asked)


@EACH
def test_a_transport_that_there_is_not(wire: Wire) -> None:
    with pytest.raises(ConfigFailure) as caught:
        wire.open(Server(), base_url="http://127.0.0.1:9/v1", options={"transport": "quic"})
    said = f"providers.{wire.kind}.transport: found 'quic', but it takes one of auto, sdk, http"
    assert caught.value.message == said
