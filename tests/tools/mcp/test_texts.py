"""Texts of servers that a person sends: resources as `@server:uri`, and prompts as commands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ralph.commands._server_prompt import read_arguments
from ralph.core.errors import Failure
from ralph.core.ports.mcp import McpPromptRow
from ralph.core.timeline.taint import find_taint
from ralph.tools.mcp.named_resources import find_resources
from tests.cli.process import ralph
from tests.headless.tool_turns import call
from tests.tools.mcp.peers import peer_home

POEM = McpPromptRow("peer", "poem", "A poem.", (("topic", True), ("form", False)))


def test_a_resource_is_named_with_its_server() -> None:
    message = 'sum up @peer:notes://one, and (@peer:x) @"peer:notes://a b" but not @other:x or me@peer:x'
    assert find_resources(message, {"peer"}) == (("peer", "notes://one"), ("peer", "notes://a b"))


@pytest.mark.parametrize(("options", "tainted"), [("", True), (", trust: true", False)])
def test_a_resource_goes_along_with_the_message_and_is_outside(tmp_path: Path, options: str, tainted: bool) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, options=options)
        await home.turn("Sum up @peer:notes://one please")
        turn = (await home.timeline()).turns[-1]
        assert turn.started.context.endswith(
            "peer:notes://one` (2 lines):\n```\nnotes://one:\nthe text of notes://one\n```"
        )
        assert bool(find_taint([turn]).sources) is tainted

    asyncio.run(scene())


def test_after_an_outside_resource_a_call_asks_again(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, rules="tools: {allow: ['peer__*']}")
        result = await home.turn("Sum up @peer:notes://one please", [call("peer__echo")])
        (made,) = result.json["steps"][1]["tools"]
        assert made["status"] == "denied"
        assert "mcp:peer:notes://one is in the context" in made["output"]

    asyncio.run(scene())


def test_what_cannot_be_read_is_sent_as_text_with_a_note(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, tools=[])
        (tmp_path / "peer.json").write_text("{}{")
        await home.turn("Sum up @peer:notes://one please")
        turn = (await home.timeline()).turns[-1]
        assert turn.started.context == ""
        (note,) = [one for one in turn.notes if one.kind == "mcp_resource"]
        assert note.text.startswith("@peer:notes://one is sent as plain text: the server peer: ")

    asyncio.run(scene())


def test_a_prompt_is_a_command(tmp_path: Path) -> None:
    home = peer_home(tmp_path)
    home.prepare("/peer:poem", answer="Roses are red.")
    ref = f"scripted:{home.script}"
    done = ralph(tmp_path, "-p", "/peer:poem cats form=haiku", "-m", ref, "--route", ref, env=home.environ)
    assert (done.returncode, done.stdout.strip()) == (0, "Roses are red."), done.stderr
    turn = asyncio.run(home.timeline()).turns[-1]
    assert turn.started.prompt == "/peer:poem cats form=haiku"
    assert turn.started.context == "`mcp:peer:poem` (1 line):\n```\nWrite a haiku about cats.\n```"
    wrong = ralph(tmp_path, "-p", "/peer:poem", env=home.environ)
    assert wrong.returncode == 2
    assert "the prompt needs topic; write  /peer:poem topic=… form=…" in wrong.stderr
    assert "no prompt 'poom'; did you mean poem?" in ralph(tmp_path, "-p", "/peer:poom", env=home.environ).stderr
    assert "no server of this name" in ralph(tmp_path, "-p", "/pear:poem", env=home.environ).stderr


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("cats", {"topic": "cats"}),
        ("'two cats' haiku", {"topic": "two cats", "form": "haiku"}),
        ("form=haiku topic=a=b", {"form": "haiku", "topic": "a=b"}),
    ],
)
def test_arguments_of_a_prompt(text: str, given: dict[str, str]) -> None:
    assert read_arguments(text, POEM) == given


def test_too_many_arguments_are_refused() -> None:
    with pytest.raises(Failure, match="'three' is one argument too many"):
        read_arguments("one two three", POEM)
