"""Azure OpenAI: v1 and classic addresses, a key and a token, deployments in place of models."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ralph.config.settings import Config, ProviderEntry
from ralph.core.errors import ConfigFailure
from ralph.core.llm.messages import user
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.gateway.key_command import run_key_command
from ralph.gateway.provider_pool import ProviderPool
from ralph.gateway.provider_settings import KnownProviders
from ralph.providers.azure import PROVIDER
from tests.providers.conftest import BOTH, Opener
from tests.providers.wires import Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Recorded, Server

V1 = Wire("azure", "azure", root="", options={"base_model": "gpt-6.1-sol"})
CHAT = Wire("azure_chat", "azure", root="/openai/v1", options={"api": "chat", "base_model": "gpt-4.1"})
CLASSIC = Wire("azure_classic", "azure", root="/", options={"api_version": "2025-04-01-preview"})
CLASSIC_RESPONSES = Wire("azure_classic_responses", "azure", root="", options={**CLASSIC.options, "api": "responses"})

HELLO = Request("my deployment", (user("hi"),), settings={"temperature": 0.5})


async def ask(server: Server, connect: Opener, wire: Wire, **settings: Any) -> Recorded:
    server.will(Reply(text="hello"))
    outcome = await collect(connect(wire, **settings), HELLO)
    assert outcome.text == "hello"
    return server.asked[-1]


@BOTH
@pytest.mark.parametrize(
    ("wire", "path"),
    [
        (V1, "/openai/v1/responses"),
        (CHAT, "/openai/v1/chat/completions"),
        (CLASSIC, "/openai/deployments/my%20deployment/chat/completions?api-version=2025-04-01-preview"),
        (CLASSIC_RESPONSES, "/openai/responses?api-version=2025-04-01-preview"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_the_address_and_the_key(server: Server, connect: Opener, wire: Wire, path: str) -> None:
    asked = await ask(server, connect, wire)
    assert asked.path == path
    assert asked.headers["api-key"] == "secret-key-1"
    assert "authorization" not in asked.headers
    assert asked.json["model"] == "my deployment"


@BOTH
@pytest.mark.parametrize("wire", [V1, CLASSIC], ids=lambda w: w.name)
async def test_a_token_goes_as_bearer(server: Server, connect: Opener, wire: Wire) -> None:
    asked = await ask(server, connect, wire, key_source="api_key_command")
    assert asked.headers["authorization"] == "Bearer secret-key-1"
    assert "api-key" not in asked.headers


async def test_auth_key_sends_what_a_command_prints_as_a_key(server: Server, connect: Opener) -> None:
    asked = await ask(server, connect, V1, key_source="api_key_command", options={"auth": "key"})
    assert asked.headers["api-key"] == "secret-key-1"


async def test_the_model_behind_the_deployment_decides_about_parameters(server: Server, connect: Opener) -> None:
    assert "temperature" not in (await ask(server, connect, V1)).json
    older = {"base_models": {"my deployment": "gpt-4.1"}}
    assert (await ask(server, connect, V1, options=older)).json["temperature"] == 0.5
    assert (await ask(server, connect, CHAT)).json["temperature"] == 0.5


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"resource": "res"}, "https://res.openai.azure.com/openai/v1"),
        ({"base_url": "https://res.openai.azure.com"}, "https://res.openai.azure.com/openai/v1"),
        ({"base_url": "https://res.openai.azure.com/openai/v1/"}, "https://res.openai.azure.com/openai/v1"),
        ({"base_url": "https://res.services.ai.azure.com/openai"}, "https://res.services.ai.azure.com/openai/v1"),
        ({"resource": "res", "api_version": "2024-10-21"}, "https://res.openai.azure.com/openai"),
        (
            {"base_url": "https://res.openai.azure.com/openai/deployments/d/chat/completions", "api_version": "1"},
            "https://res.openai.azure.com/openai",
        ),
    ],
)
async def test_every_way_to_write_the_address(given: dict[str, str], url: str) -> None:
    base_url = given.pop("base_url", "")
    provider: Any = PROVIDER.open(ProviderSettings("azure", "azure", "k", base_url, options=given))
    assert provider._door._endpoint.url == url
    await provider.aclose()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "write resource: NAME"),
        ({"resource": "r", "api": "both"}, "takes one of responses, chat"),
        ({"resource": "r", "auth": "password"}, "takes one of key, entra"),
    ],
)
def test_what_cannot_work_is_said(options: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigFailure, match=words):
        PROVIDER.open(ProviderSettings("azure", "azure", options=options))


def test_key_and_endpoint_alone_make_it_exist() -> None:
    key, place = {"AZURE_OPENAI_API_KEY": "k"}, {"AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com"}
    assert KnownProviders(Config(), {**key, **place}).is_configured("azure")
    assert not KnownProviders(Config(), key).is_configured("azure")
    assert not KnownProviders(Config(), place).is_configured("azure")


def test_a_deployment_is_priced_as_its_model() -> None:
    entry = ProviderEntry("azure", "k", options={"resource": "r", "base_model": "gpt-6.1-sol"})
    known = KnownProviders(Config(providers={"eu": entry}), {})
    assert known.translate_price("eu", "my-deployment") == ("openai", "gpt-6.1-sol")


class Programs:
    """A program that prints a token as `az account get-access-token` does, another one at each call."""

    def __init__(self, folder: Path) -> None:
        self.count = folder / "count"
        self.program = folder / "az.py"
        self.program.write_text(
            "import json, pathlib, sys, time\n"
            f"count = pathlib.Path({str(self.count)!r})\n"
            "n = int(count.read_text()) + 1 if count.exists() else 1\n"
            "count.write_text(str(n))\n"
            "print(json.dumps({'accessToken': f'token-{n}-of-entra-id', 'expires_on': int(time.time()) + 3600}))\n"
        )

    @property
    def command(self) -> tuple[str, ...]:
        return (sys.executable, str(self.program))


def test_a_token_of_a_program_has_an_end(tmp_path: Path) -> None:
    key, lifetime_s = run_key_command("azure", Programs(tmp_path).command)
    assert key == "token-1-of-entra-id"
    assert lifetime_s is not None
    assert 3400 < lifetime_s <= 3540


@pytest.mark.parametrize(
    ("printed", "key", "lasts"),
    [
        ("plain-key", "plain-key", None),
        ('{"access_token": "a", "expires_in": 120}', "a", 60.0),
        ('{"accessToken": "a", "expiresOn": "2001-01-01 00:00:00.000000"}', "a", 0.0),
        ('{"accessToken": "a", "expires_on": "nonsense"}', "a", None),
        ('{"accessToken": "a"}', "a", None),
        ('{"accessToken": 7}', '{"accessToken": 7}', None),
        ("{broken", "{broken", None),
    ],
)
def test_what_programs_print(tmp_path: Path, printed: str, key: str, lasts: float | None) -> None:
    (tmp_path / "out").write_text(printed)
    found = run_key_command("p", (sys.executable, "-c", f"print(open({str(tmp_path / 'out')!r}).read())"))
    assert found == (key, lasts)


async def test_a_token_that_ends_in_mid_session_is_fetched_again(server: Server, tmp_path: Path) -> None:
    clock = [time.monotonic()]
    programs = Programs(tmp_path)
    entry = ProviderEntry("azure", "", programs.command, base_url=server.url, options={"base_model": "gpt-6.1-sol"})
    known = KnownProviders(Config(providers={"azure": entry}), {}, now=lambda: clock[0])
    pool = ProviderPool(known)
    server.will(*(Reply(text="hello") for _ in range(3)))
    tokens = []
    for later_s in (0, 60, 4000):
        clock[0] += later_s
        await collect(await pool.get(ModelRef("azure", "d")), HELLO)
        tokens.append(server.asked[-1].headers["authorization"])
    await pool.aclose()
    assert tokens == ["Bearer token-1-of-entra-id", "Bearer token-1-of-entra-id", "Bearer token-2-of-entra-id"]
    assert json.loads(programs.count.read_text()) == 2


async def test_without_the_extra_entra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure", None)
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    entry = ProviderEntry("azure", options={"resource": "r", "auth": "entra"})
    pool = ProviderPool(KnownProviders(Config(providers={"azure": entry}), {}))
    with pytest.raises(ConfigFailure, match=r"pip install 'ralph\[azure\]'"):
        await pool.get(ModelRef("azure", "d"))
