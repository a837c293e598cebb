"""The services of the table: each is a provider without any configuration, and its row says where it was read."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import yaml

from ralph import registry
from ralph.config.settings import Config
from ralph.core.llm.messages import user
from ralph.core.llm.request import Ignored, Request, ToolSpec
from ralph.gateway.provider_settings import KnownProviders
from ralph.providers._services import TABLE
from tests.providers.conftest import Opener
from tests.providers.wires import Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Server

ROWS: dict[str, dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
NEEDED = {
    *("openrouter", "together", "deepseek", "mistral", "xai", "gemini", "cerebras", "fireworks"),
    *("lmstudio", "vllm", "llamacpp"),
}
EACH = pytest.mark.parametrize("name", sorted(ROWS))
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def test_the_names_are_found_without_a_parser() -> None:
    assert set(registry.table_rows("providers")) == set(ROWS) >= NEEDED
    assert set(ROWS) < set(registry.builtin_names("providers"))


@EACH
def test_a_row_says_where_and_when_it_was_read(name: str) -> None:
    assert re.match(r"https://", ROWS[name]["source"])
    assert isinstance(ROWS[name]["read"], date)


@EACH
def test_a_key_alone_makes_it_exist(name: str) -> None:
    variable = f"{name.upper()}_{'BASE_URL' if ROWS[name].get('key') == 'none' else 'API_KEY'}"
    given = "http://127.0.0.1:9/v1" if variable.endswith("URL") else "a-key"
    assert not KnownProviders(Config(), {}).is_configured(name)
    assert KnownProviders(Config(), {variable: given}).is_configured(name)


@EACH
async def test_a_whole_turn_on_its_wire(server: Server, connect: Opener, name: str) -> None:
    server.will(Reply(text="hello"))
    tool = ToolSpec("t", "a tool", SCHEMA)
    settings = {"temperature": 0.1, "max_output": 10}
    outcome = await collect(
        connect(Wire(name, name)), Request("m", (user("hi"),), tools=(tool,), schema=SCHEMA, settings=settings)
    )
    assert outcome.text == "hello"
    body = server.asked[-1].json
    limit = ROWS[name].get("dialect", {}).get("max_tokens", "max_tokens")
    assert (body["temperature"], body[limit]) == (0.1, 10)
    assert body["tools"][0]["function"]["name"] == "t"


async def test_a_service_gets_no_field_that_it_refuses(server: Server, connect: Opener) -> None:
    server.will(Reply(text="hello"))
    settings = {"seed": 1, "stop": ["x"]}
    outcome = await collect(connect(Wire("mistral", "mistral")), Request("m", (user("hi"),), settings=settings))
    assert outcome.text == "hello"
    assert {"stream_options", "seed"} & set(server.asked[-1].json) == set()
    assert [item.settings for item in outcome.items if isinstance(item, Ignored)] == [("seed",)]


@pytest.mark.parametrize(("name", "kind"), [("deepseek", "json_object"), ("openrouter", "json_schema")])
async def test_a_shape_is_asked_for_as_the_service_wants(server: Server, connect: Opener, name: str, kind: str) -> None:
    server.will(Reply(text="{}"))
    await collect(connect(Wire(name, name)), Request("m", (user("hi"),), schema=SCHEMA))
    assert server.asked[-1].json["response_format"]["type"] == kind


def test_a_service_is_priced_by_its_vendor() -> None:
    known = KnownProviders(Config(), {"XAI_API_KEY": "k", "GEMINI_API_KEY": "k"})
    assert known.translate_price("xai", "grok-4.20") == ("x-ai", "grok-4.20")
    assert known.translate_price("gemini", "gemini-3-pro") == ("google", "gemini-3-pro")
    assert known.translate_price("mistral", "codestral") == ("mistral", "codestral")
