"""Looking around: loopback servers become providers, one is chosen where nobody was named, and the choice lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.config import stored_choice as file
from ralph.config.paths import choice_file
from ralph.core.ports.discovery import LocalServer, StoredChoice
from tests.headless.ask import Home
from tests.wires.script import Reply
from tests.wires.server import Server

CLOSED = "http://127.0.0.1:9"  # nobody listens on the discard port


def neighbours(ollama: str = CLOSED, studio: str = CLOSED) -> tuple[LocalServer, ...]:
    return (
        LocalServer("ollama", "ollama", ollama, "Ollama"),
        LocalServer("lmstudio", "openai_compatible", f"{studio}/v1", "LM Studio"),
    )


class Machine(Home):
    """A home with servers beside it."""

    def __init__(self, path: Path, config: str = "", environ: dict[str, str] | None = None) -> None:
        super().__init__(path, config, environ)
        self.around = neighbours()

    @contextlib.asynccontextmanager
    async def space(self) -> AsyncIterator[LocalWorkspace]:
        async with workspace(self.flags, environ=self.environ, root=self.root, neighbours=self.around) as space:
            yield space

    @property
    def choice(self) -> StoredChoice | None:
        return file.read(choice_file(self.environ))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_what_is_found_is_chosen_stored_and_answers_without_looking(machine: Machine) -> None:
    async with Server() as server:
        server.models = ({"id": "text-embedding-1"}, {"id": "talker"})
        machine.around = neighbours(studio=server.url)
        async with machine.space() as space:
            session = await space.timelines.open()
            assert session.roles["format"] == "builtin:rules"
            findings = await space.machine.look_around()
            assert findings.choice
            assert (findings.choice.ref, findings.reason) == ("lmstudio:talker", "its only model")
            assert session.roles["format"] == "lmstudio:talker"
            row = next(r for r in space.models.providers() if r.name == "lmstudio")
            assert row.configured
            assert row.local
            assert row.why.startswith("found on this machine")
            offered = await space.models.list_rows("lmstudio")
            assert [(m.ref, m.price and m.price.free) for m in offered] == [
                ("lmstudio:text-embedding-1", True),
                ("lmstudio:talker", True),
            ]
        assert machine.choice
        assert machine.choice.ref == "lmstudio:talker"
        asked = len(server.requests)
        server.will(Reply(text=("hello",), usage={"input": 3, "output": 1}, times=None))
        result = await machine.ask("tell me something", "json")
        assert (result.code, result.json["text"], result.json["cost"]["status"]) == (0, "hello", "free")
        # It was not looked for again; the server is asked how many requests it answers at the same time.
        assert all(r.generating or r.path == "/props" for r in server.requests[asked:])


async def test_a_stored_choice_that_is_gone_says_so_and_what_to_do(machine: Machine) -> None:
    made = StoredChoice("lmstudio", "talker", "openai_compatible", f"{CLOSED}/v1", "2026-11-20T12:02:11.000000Z")
    file.write(choice_file(machine.environ), made)
    machine.path.joinpath("config.yaml").write_text("retry: {max_attempts: 1}\n")
    result = await machine.ask("tell me something", "json")
    assert result.code == 4
    message = result.json["error"]["message"]
    assert "ralph found and chose it on 2026-11-20" in message
    assert "run `ralph` to search again, or choose another with -m or /model" in message
    async with machine.space() as space:
        session = await space.timelines.open()
        assert session.roles["format"] == "lmstudio:talker"
        findings = await space.machine.look_around()
        assert (findings.gone, findings.choice) == (made, None)
        assert session.roles["format"] == "builtin:rules"
    assert machine.choice == made  # it may come back


async def test_a_flag_may_name_what_is_gone(machine: Machine) -> None:
    from ralph.assembly.run_settings import Flags

    made = StoredChoice("lmstudio", "talker", "openai_compatible", f"{CLOSED}/v1", "2026-11-20T12:02:11.000000Z")
    file.write(choice_file(machine.environ), made)
    machine.flags = Flags(model="lmstudio:other")
    async with machine.space() as space:
        session = await space.timelines.open()
        await space.machine.look_around()
        assert session.roles["format"] == "lmstudio:other"


async def test_another_is_chosen_where_the_earlier_is_gone(machine: Machine) -> None:
    made = StoredChoice("lmstudio", "talker", "openai_compatible", f"{CLOSED}/v1", "2026-11-20T12:02:11.000000Z")
    file.write(choice_file(machine.environ), made)
    async with Server() as server:
        machine.around = neighbours(ollama=server.url)
        async with machine.space() as space:
            findings = await space.machine.look_around()
            assert findings.gone == made
            assert findings.choice
            assert findings.choice.ref == "ollama:model-1"
    assert machine.choice
    assert machine.choice.ref == "ollama:model-1"


@pytest.mark.parametrize("how", ["key", "role", "flag"])
async def test_where_something_was_named_nothing_is_chosen_but_it_can_be_used(tmp_path: Path, how: str) -> None:
    from ralph.assembly.run_settings import Flags

    machine = Machine(
        tmp_path,
        "routing: {format: 'scripted:x.yaml'}\n" if how == "role" else "",
        {"ANTHROPIC_API_KEY": "sk-test-000"} if how == "key" else None,
    )
    if how == "flag":
        machine.flags = Flags(model="scripted:x.yaml")
    file.write(
        choice_file(machine.environ),
        StoredChoice("lmstudio", "old", "openai_compatible", f"{CLOSED}/v1", "2026-11-20T12:02:11.000000Z"),
    )
    async with Server() as server:
        machine.around = neighbours(studio=server.url)
        async with machine.space() as space:
            session = await space.timelines.open()
            before = session.roles["format"]
            findings = await space.machine.look_around()
            assert (findings.named, findings.choice) == (True, None)
            assert session.roles["format"] == before
            assert "lmstudio" not in before
            assert session.use_model("lmstudio:model-1")["format"] == "lmstudio:model-1"
    assert machine.choice
    assert machine.choice.model == "old"


async def test_a_configured_server_is_not_looked_for(tmp_path: Path) -> None:
    async with Server() as server:
        machine = Machine(tmp_path, f'providers: {{mine: {{kind: openai_compatible, base_url: "{server.url}/v1"}}}}\n')
        machine.around = neighbours(studio=server.url)
        async with machine.space() as space:
            findings = await space.machine.look_around()
            assert (findings.connected, findings.found) == (("mine",), ())
        assert server.requests == []


async def test_whoever_else_has_the_port_is_no_server_of_models(machine: Machine) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"SSH-2.0-not-a-model\r\n")
        writer.close()

    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7")
        writer.close()

    listeners = [await asyncio.start_server(serve, "127.0.0.1", 0) for serve in (rude, odd)]
    urls = [f"http://127.0.0.1:{each.sockets[0].getsockname()[1]}" for each in listeners]
    machine.around = neighbours(*urls)
    try:
        async with machine.space() as space:
            findings = await space.machine.look_around()
            assert (findings.found, findings.choice) == ((), None)
    finally:
        for each in listeners:
            each.close()
    assert machine.choice is None


@pytest.mark.parametrize("text", ["", "no json", "{}", '{"provider": 1}', "[1]"])
async def test_a_damaged_choice_is_no_choice(machine: Machine, text: str) -> None:
    choice_file(machine.environ).write_text(text)
    async with machine.space() as space:
        assert (await space.timelines.open()).roles["format"] == "builtin:rules"
        assert space.discovery.describe() == ""


async def test_the_choice_is_told(machine: Machine) -> None:
    made = StoredChoice("lmstudio", "talker", "openai_compatible", f"{CLOSED}/v1", "2026-11-20T12:02:11.000000Z")
    path = choice_file(machine.environ)
    file.write(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    async with machine.space() as space:
        told = space.discovery.describe()
    assert told == f"lmstudio:talker at {CLOSED}/v1, found 2026-11-20; answers, since nothing else was named"
