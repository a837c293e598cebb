"""What becomes of calls: results of every form, failures, silence, death, junk, progress, a stop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.ports.user_input import UserInput
from tests.headless.tool_turns import call
from tests.tools.mcp.peers import peer_home, read_log, wait_for

ALLOWED = "tools: {allow: ['peer__*'], tainted: allow}"


async def outcomes(path: Path, *calls: tuple[str, dict[str, Any]], more: str = "startup_s: 60") -> list[dict[str, Any]]:
    """Make these calls one after the other in one turn; return them as the turn's object has them."""
    home = peer_home(path, more, rules=ALLOWED)
    result = await home.turn("Please do it", *([call(f"peer__{name}", **given)] for name, given in calls))
    tools: list[dict[str, Any]] = result.json["steps"][1]["tools"]
    return tools


def test_results_of_every_form(tmp_path: Path) -> None:
    made = asyncio.run(
        outcomes(tmp_path, ("echo", {"a": 1}), ("fail", {}), ("shape", {}), ("picture", {}), ("junk", {}))
    )
    echo, fail, shape, picture, junk = made
    assert (echo["status"], json.loads(echo["output"])) == ("ok", {"echo": {"a": 1}})
    assert (fail["status"], fail["output"]) == ("error", "the bank is closed")
    assert (shape["status"], json.loads(shape["output"])) == ("ok", {"area": 12})
    assert picture["output"].splitlines() == [
        "[image image-1.png, image/png, 12 bytes]",
        "[audio audio-2.wav, audio/wav, 12 bytes]",
        "notes://one:",
        "a note inside",
        "[two: notes://two, text/plain]",
    ]
    assert (junk["status"], junk["output"]) == ("ok", "still here")


def test_images_and_sounds_are_kept_as_blobs(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, rules=ALLOWED)
        await home.turn("Please do it", [call("peer__picture")])
        (made,) = await home.calls()
        assert [(one.name, one.media_type) for one in made.media] == [
            ("image-1.png", "image/png"), ("audio-2.wav", "audio/wav")
        ]  # fmt: skip
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            assert await space.timelines.read_blob(made.media[0].sha256) == b"\x89PNG picture"

    asyncio.run(scene())


def test_a_call_without_an_answer_is_stopped_and_progress_begins_its_time_again(tmp_path: Path) -> None:
    steady = {"steps": 6, "pause": 0.4}
    made = asyncio.run(outcomes(tmp_path, ("silent", {}), ("steady", steady), more="startup_s: 60\n  call_s: 1"))
    assert [(one["status"], one["output"]) for one in made] == [
        ("timeout", "peer__silent took longer than 1 s and was stopped"),
        ("ok", "it is dug"),
    ]
    assert read_log(tmp_path).count("cancelled") == 1


def test_a_server_that_dies_in_a_call_is_started_again_at_the_next(tmp_path: Path) -> None:
    died, after = asyncio.run(outcomes(tmp_path, ("die", {}), ("echo", {})))
    assert died["status"] == "error"
    assert died["output"] == "peer__die failed: the server ended; it is started again at the next call"
    assert after["status"] == "ok"
    assert sum(line.startswith("started") for line in read_log(tmp_path)) == 2


def test_a_stopped_turn_cancels_the_call_and_the_connection_serves_the_next(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, rules=ALLOWED)
        home.prepare("First", [call("peer__slow")])
        home.prepare("Then", [call("peer__echo", a=2)])
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            turn = session.submit(UserInput("First"))
            await wait_for(lambda: any(line.startswith("call slow") for line in read_log(tmp_path)))
            await session.stop()
            assert turn.done()
            await session.submit(UserInput("Then"))
            calls = [one for t in session.timeline().turns for block in t.blocks for one in block.calls]
            assert [one.status for one in calls] == ["cancelled", "ok"]
        assert "cancelled" in read_log(tmp_path)
        assert sum(line.startswith("started") for line in read_log(tmp_path)) == 1

    asyncio.run(scene())


def test_nothing_is_offered_to_a_server_but_questions(tmp_path: Path) -> None:
    asyncio.run(outcomes(tmp_path, ("echo", {})))
    (line,) = [one for one in read_log(tmp_path) if one.startswith("capabilities")]
    assert set(json.loads(line.removeprefix("capabilities "))) == {"elicitation"}


def test_the_last_lines_of_its_standard_error_are_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        home = peer_home(tmp_path, rules=ALLOWED)
        await home.turn("Please do it", [call("peer__moan")])
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            await space.tools.rows()
            (row,) = space.mcp.rows()
            assert (row.state, row.protocol, row.transport) == ("idle", "2025-11-25", "stdio")
            assert row.stderr == tuple(f"moan {n}" for n in range(10, 30))
            assert "peer__moan" in row.tools

    asyncio.run(scene())


@pytest.mark.parametrize(("options", "effect"), [("", "unknown"), (", trust: true", "read")])
def test_a_hint_lowers_the_effect_only_of_a_trusted_server(tmp_path: Path, options: str, effect: str) -> None:
    async def scene() -> None:
        hints = {"readOnlyHint": True, "openWorldHint": False}
        tool = {"name": "env", "description": "Reads.", "inputSchema": {"type": "object"}, "annotations": hints}
        home = peer_home(tmp_path, options=options, tools=[tool])
        result = await home.turn("Please do it", [call("peer__env")])
        (made,) = result.json["steps"][1]["tools"]
        assert made["status"] == ("ok" if options else "denied")
        (recorded,) = await home.calls()
        assert recorded.effect == effect
        assert recorded.origin == ("project" if options else None)

    asyncio.run(scene())
