"""Keys from everywhere, on every wire: cleaned and sent, or refused by one sentence before anything is sent."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ralph.assembly.run_settings import Flags
from tests.headless.ask import Home
from tests.wires.script import Reply
from tests.wires.server import Server

# Each wire as an entry without its key, its ref, and its vendor's variable, if it has one.
ENTRIES = {
    "anthropic": ("anthropic", 'base_url: "{url}"', "ANTHROPIC_API_KEY"),
    "responses": ("openai", 'base_url: "{url}/v1", api: responses', "OPENAI_API_KEY"),
    "chat": ("openai", 'base_url: "{url}/v1"', "OPENAI_API_KEY"),
    "compatible": ("mine", 'kind: openai_compatible, base_url: "{url}/v1"', ""),
    "ollama": ("ollama", 'base_url: "{url}"', ""),
}
DIRTY = ' \ufeff"sk-abcdef1"\r\n'
SPLIT = "sk-abc\ndef1"


def home(path: Path, wire: str, url: str, key: str, place: str) -> Home:
    name, entry, variable = ENTRIES[wire]
    entry = entry.format(url=url)
    environ = {}
    if place == "environment":
        environ[variable] = key
    elif place == "config":
        entry += f", api_key: {json.dumps(key)}"
    else:
        command = [sys.executable, "-c", f"import sys; sys.stdout.buffer.write({key.encode()!r})"]
        entry += f", api_key_command: {json.dumps(command)}"
    made = Home(path, f"providers: {{{name}: {{{entry}}}}}\n", environ)
    made.flags = Flags(model=f"{name}:model-1", route="rules")
    return made


PLACES = [
    (w, p) for w, e in ENTRIES.items() for p in ("config", "environment", "command") if e[2] or p != "environment"
]


@pytest.mark.parametrize(("wire", "place"), PLACES)
async def test_what_stands_around_a_key_is_not_sent(tmp_path: Path, wire: str, place: str) -> None:
    async with Server() as server:
        server.will(Reply(text="yes"))
        result = await home(tmp_path, wire, server.url, DIRTY, place).ask("tell me something")
    assert result.code == 0, result.err
    assert {r.headers["authorization"] for r in server.requests} == {"Bearer sk-abcdef1"}


@pytest.mark.parametrize(("wire", "place"), PLACES)
async def test_a_key_with_a_break_is_refused_where_it_was_written(tmp_path: Path, wire: str, place: str) -> None:
    name, _, variable = ENTRIES[wire]
    where = {
        "config": f"providers.{name}.api_key",
        "environment": variable,
        "command": f"providers.{name}.api_key_command",
    }
    async with Server() as server:
        result = await home(tmp_path, wire, server.url, SPLIT, place).ask("tell me something")
        assert server.requests == []
    assert result.code == 3
    assert result.json["error"]["kind"] == "config"
    assert f"{where[place]} contains a line break" in result.err
    assert "sk-abc" not in result.err + result.out


@pytest.mark.parametrize("text", ["  ", "\ufeff\n", '""', "Bearer "], ids=ascii)
async def test_a_blank_key_is_none(tmp_path: Path, text: str) -> None:
    made = Home(tmp_path, f"providers: {{anthropic: {{api_key: {json.dumps(text)}}}}}\n", {"ANTHROPIC_API_KEY": text})
    made.flags = Flags(model="anthropic:model-1", route="rules")
    result = await made.ask("tell me something")
    assert (result.code, result.json["error"]["kind"]) == (3, "no_key")


async def test_a_command_that_prints_nothing(tmp_path: Path) -> None:
    result = await home(tmp_path, "compatible", "http://127.0.0.1:9", " \n", "command").ask("tell me something")
    assert result.code == 3
    assert "providers.mine.api_key_command" in result.err
    assert "printed no key" in result.err


@pytest.mark.parametrize("headers", ['{x-team: "a\\nb"}', '{x-team: "ä"}', '{"x team": "a"}'])
async def test_a_header_that_cannot_be_sent(tmp_path: Path, headers: str) -> None:
    made = Home(
        tmp_path,
        f'providers: {{mine: {{kind: openai_compatible, base_url: "http://127.0.0.1:9/v1", headers: {headers}}}}}\n',
    )
    made.flags = Flags(model="mine:model-1", route="rules")
    result = await made.ask("tell me something")
    assert (result.code, result.json["error"]["kind"]) == (3, "config")
    assert "providers.mine.headers" in result.err
