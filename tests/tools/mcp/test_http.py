"""A server over HTTP that speaks both revisions: calls, questions in several round trips, headers, refusals."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.log.events import BlockDelta
from ralph.core.ports.user_input import UserInput
from tests.cli.process import ROOT
from tests.headless.tool_turns import call
from tests.tools.mcp.peers import Person, home_of

KEY = "a-key-of-the-shop"


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    run = subprocess.Popen([sys.executable, "-m", "tests.tools.mcp.http_peer", str(port), KEY], cwd=ROOT)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        run.kill()
        run.wait()


def entry(url: str, key: str = KEY) -> str:
    return f"shop: {{url: '{url}', headers: {{X-Shop-Key: '{key}'}}}}"


def test_calls_questions_in_round_trips_progress_and_failures(tmp_path: Path, shop: str) -> None:
    async def scene() -> None:
        home = home_of(tmp_path, entry(shop), rules="tools: {allow: ['shop__*'], tainted: allow}")
        rounds = [call("shop__add", a=2, b=3)], [call("shop__deliver", what="bread")], [call("shop__bake")]
        home.prepare("Please", *rounds, [call("shop__spill")], [call("shop__add", a="two", b=3)])
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            space.asker = person = Person("yes", "High Street", "7")
            await space.mcp.connect()
            assert space.mcp.rows()[0].protocol == "2026-07-28"
            session = await space.timelines.open()
            await session.submit(UserInput("Please"))
            block = session.timeline().turns[-1].blocks[2]
            made = {one.name: one for one in block.calls[:4]}
            assert made["shop__add"].output == '5\n{\n "result": 5\n}'
            assert made["shop__deliver"].output.startswith("bread goes to High Street 7")
            await session.flush()
            events = [envelope.event for envelope in await space.timelines.read_events(session.id)]
            shown = [one.chunks for one in events if isinstance(one, BlockDelta) and one.channel == "tool_output"]
            assert "3/3 baking" in str(shown)
            assert (made["shop__spill"].status, "spill" in made["shop__spill"].output) == ("error", True)
            assert block.calls[4].status == "error"
            assert len(person.questions) == 3

    asyncio.run(scene())


def test_a_refusal_and_an_address_where_nothing_answers_are_sentences(tmp_path: Path, shop: str) -> None:
    async def scene() -> None:
        home = home_of(tmp_path, f"{entry(shop, 'wrong')}, gone: {{url: 'http://127.0.0.1:9/mcp'}}")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            refused, gone = await space.mcp.connect()
            assert (refused.state, gone.state) == ("failed", "failed")
            assert "403" in (refused.error or "")
            assert gone.error == "nothing answers at its address"

    asyncio.run(scene())
