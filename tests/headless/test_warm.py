"""What is done while a person types: clients loaded and a connection open before the first question."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.headless.run import Question, run
from tests.headless.ask import WIRES, home_on
from tests.wires.script import Reply
from tests.wires.server import Server


@pytest.mark.parametrize("wire", WIRES)
async def test_the_first_question_goes_over_an_open_connection(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 3, "output": 1}))
        home = home_on(tmp_path, wire, server.url)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            await space.machine.warm()
            assert server.asked == []
            opened = {r.client for r in server.requests}
            code = await run(space, Question("tell me something"), io.StringIO(), io.StringIO())
    assert (code, len(server.asked)) == (0, 1)
    assert server.asked[0].client in opened


async def test_a_single_turn_opens_nothing_beside_its_question(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 3, "output": 1}))
        home = home_on(tmp_path, "anthropic", server.url)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            await space.machine.warm(connect=False)
            assert server.requests == []


async def test_a_server_that_is_not_there_disturbs_nothing(tmp_path: Path) -> None:
    home = home_on(tmp_path, "compatible", "http://127.0.0.1:9")
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        await space.machine.warm()
