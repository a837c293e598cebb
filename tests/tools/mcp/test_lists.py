"""Lists and names: remembered, late, changed, odd, two hundred, and schemas that vendors refuse."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.llm.request import ToolSpec
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.timeline import Timeline
from ralph.pipeline.route_tools import MAX_TOKENS, list_tools
from ralph.tools.mcp.names import MAX_CHARACTERS, name_tools
from ralph.tools.mcp.schemas import UnusableSchema, make_valid
from tests.headless.tool_turns import call
from tests.tools.mcp.peers import Person, home_of, peer_home, plan_peer, read_log, wait_for


def notes_of(timeline: Timeline) -> list[tuple[int, str, str]]:
    """Return turn, kind and words of each note about servers."""
    return [(turn.number, note.kind, note.text) for turn in timeline.turns for note in turn.notes if "mcp" in note.kind]


@pytest.mark.parametrize("odd", ["a.b/c d", "läuft", "x" * 200, "💣", "a__b", ""])
def test_a_name_fits_every_vendor(odd: str) -> None:
    (name,) = name_tools("my server", [odd]).values()
    assert re.fullmatch(r"my_server__[A-Za-z0-9_-]*", name)
    assert len(name) <= MAX_CHARACTERS


def test_names_that_would_be_one_get_a_hash_of_their_own_name() -> None:
    names = name_tools("s", ["a.b", "a/b", "a_b", "y" * 80, "y" * 81])
    assert len(set(names.values())) == 5
    assert names["a_b"] == "s__a_b"
    assert re.fullmatch(r"s__a_b_[0-9a-f]{8}", names["a.b"])
    assert names == name_tools("s", list(reversed(names)))


def test_the_real_name_is_called(tmp_path: Path) -> None:
    async def scene() -> None:
        tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("read.it", "read/it")]
        home = peer_home(tmp_path, rules="tools: {allow: ['peer__*']}", tools=tools)
        name = name_tools("peer", ["read.it", "read/it"])["read/it"]
        await home.turn("Please do it", [call(name)])
        assert "call read/it {}" in read_log(tmp_path)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({}, {"type": "object", "properties": {}}),
        ({"properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"a": {"type": "string"}}}),
        (
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "integer"}}},
            {"type": "object", "properties": {"a": {"type": "integer"}}},
        ),
        (
            {
                "type": "object", "properties": {"tree": {"$ref": "#/$defs/Tree"}},
                "$defs": {"Tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}}}},
            },
            {"type": "object", "properties": {"tree": {"type": "object", "properties": {"left": {}}}}},
        ),
        (
            {"anyOf": [{"required": ["a"]}], "properties": {"a": True}, "required": ["a", "gone"], "$schema": "x"},
            {"type": "object", "properties": {"a": True}, "required": ["a"]},
        ),
        ({"type": "object", "properties": {"$ref": {"type": "string"}}},
         {"type": "object", "properties": {"$ref": {"type": "string"}}}),
    ],
)  # fmt: skip
def test_a_schema_that_vendors_refuse_is_made_valid(schema: Any, made: Any) -> None:
    assert make_valid(schema) == made


@pytest.mark.parametrize(
    "schema",
    [
        [], {"type": "string"}, {"properties": {"a": {"$ref": "https://example.org/a.json"}}},
        {"properties": {"a": {"$ref": "#/$defs/gone"}}},
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_made_valid_is_refused(schema: Any) -> None:
    with pytest.raises(UnusableSchema):
        make_valid(schema)


def test_a_tool_with_such_a_schema_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    async def scene() -> None:
        far = {"type": "object", "properties": {"a": {"$ref": "https://example.org/a.json"}}}
        tools = [{"name": "far", "inputSchema": far}, {"name": "near", "inputSchema": {"type": "object"}}]
        home = peer_home(tmp_path, rules="tools: {allow: ['peer__*']}", tools=tools)
        result = await home.turn("Please do it", [call("peer__near")])
        assert result.json["steps"][1]["tools"][0]["status"] == "ok"
        ((_, _, words),) = notes_of(await home.timeline())
        assert words == (
            "the tool far of the server peer is left out: its schema refers to another document "
            "(https://example.org/a.json)"
        )

    asyncio.run(scene())


def test_two_hundred_tools_fit_into_the_list_of_the_route_and_it_says_what_it_left_out(tmp_path: Path) -> None:
    names = [f"server__tool_number_{n}_of_many" for n in range(600)]
    specs = [ToolSpec(name, f"Does {name} with widgets and more. Then it rests.", {}) for name in names]
    specs.append(ToolSpec("server__brew", "Brews coffee in the kitchen.", {}))
    listed = list_tools(specs, frozenset(one.name for one in specs), "Please brew some coffee")
    assert "server__brew" in listed.names
    assert len(listed.left_out) + len(listed.names) == 601
    assert sum(len(line) for line in listed.lines) / 4 < MAX_TOKENS * 1.5

    async def scene() -> None:
        home = peer_home(tmp_path, rules="tools: {allow: ['peer__*']}", tools="many")
        result = await home.turn("Please do it", [call("peer__tool_7")])
        assert result.json["steps"][1]["tools"][0]["status"] == "ok"

    asyncio.run(scene())


def test_patterns_choose_the_tools_of_a_server(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, options=", tools: ['ec*', shape]")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            (row,) = await space.mcp.connect()
            assert row.tools == ("peer__echo", "peer__shape")

    asyncio.run(scene())


async def ask(session: Any, prompt: str) -> Timeline:
    await session.submit(UserInput(prompt))
    made: Timeline = session.timeline()
    return made


def test_a_late_server_joins_a_later_turn_and_the_timeline_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        gate = tmp_path / "gate"
        home = peer_home(tmp_path, rules="tools: {allow: ['peer__*']}", gate=str(gate))
        home.prepare("First")
        home.prepare("Second", [call("peer__echo")])
        home.prepare("Third")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            space.asker = Person()
            await space.machine.warm()
            session = await space.timelines.open()
            first = await ask(session, "First")
            assert notes_of(first) == [
                (1, "mcp_late", "the server peer is still starting; its tools join a later turn")
            ]
            gate.write_text("")
            await wait_for(lambda: space.mcp.rows()[0].state == "ready")
            second = await ask(session, "Second")
            assert notes_of(second)[1][:2] == (2, "mcp_joined")
            assert second.turns[-1].blocks[2].calls[0].status == "ok"
            third = await ask(session, "Third")
            assert len(notes_of(third)) == 2

    asyncio.run(scene())


def test_a_remembered_list_needs_no_running_server(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path)
        await home.turn("Please wait")
        started = len(read_log(tmp_path))
        result = await home.turn("Please do it not", [call("peer__echo")])
        assert result.json["steps"][1]["tools"][0]["status"] == "denied"
        assert len(read_log(tmp_path)) == started, "neither the list nor a denied call starts it"

    asyncio.run(scene())


def test_a_dead_server_delays_one_turn_and_is_named(tmp_path: Path) -> None:
    async def scene() -> None:
        dead = "dead: {command: ['/bin/sh', '-c', 'echo no key >&2; exit 3']}"
        gone = "gone: {command: [no-such-program-here]}"
        home = home_of(
            tmp_path, f"{dead}, {gone}, peer: {{{plan_peer(tmp_path)}}}", rules="tools: {allow: ['peer__*']}"
        )
        result = await home.turn("Please do it", [call("peer__echo")])
        assert result.json["steps"][1]["tools"][0]["status"] == "ok"
        words = [text for _, _, text in notes_of(await home.timeline())]
        assert words == [
            "the server dead is left out: the server ended: no key",
            "the server gone is left out: there is no program 'no-such-program-here'; install it, or write its path",
        ]
        await home.turn("Please do it again", [call("peer__echo")])
        words = [text for _, _, text in notes_of(await home.timeline())]
        assert [text.endswith("tries it again") for text in words] == [True, True]

    asyncio.run(scene())


def test_a_changed_list_is_read_when_the_server_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, rules="tools: {allow: ['peer__*'], tainted: allow}")
        home.prepare("First", [call("peer__renew")])
        home.prepare("Second", [call("peer__fresh"), call("peer__echo")])
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            await ask(session, "First")
            await wait_for(lambda: space.mcp.rows()[0].tools == ("peer__fresh",))
            then = await ask(session, "Second")
            made = {one.name: one.status for one in then.turns[-1].blocks[2].calls}
            assert made == {"peer__fresh": "ok", "peer__echo": "error"}

    asyncio.run(scene())


def test_without_the_extra_a_sentence_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ralph.tools.mcp.servers.is_installed", lambda: False)

    async def scene() -> None:
        home = peer_home(tmp_path)
        await home.turn("Please do it")
        ((_, kind, words),) = notes_of(await home.timeline())
        assert kind == "mcp_left_out"
        assert "pip install 'ralph[mcp]'" in words

    asyncio.run(scene())
