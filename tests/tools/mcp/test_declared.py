"""What models see of two hundred tools: the route one line each, the tool model only what the route chose."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from ralph.assembly.run_settings import Flags
from tests.headless.ask import Home
from tests.tools.mcp.peers import plan_peer
from tests.wires.script import Reply
from tests.wires.server import Server

DECISION = {"tools": ["peer__tool_7"], "rounds": 1, "intent": "other", "difficulty": "low", "reason": "it fits"}
USAGE = {"input": 9, "output": 9}


def test_only_chosen_tools_are_declared_to_the_tool_model(tmp_path: Path) -> None:
    async def scene() -> None:
        async with Server() as server:
            server.will(
                Reply(text=(json.dumps(DECISION),), usage=USAGE, when={"body": "You route questions"}, times=None),
                Reply(text=("Fine.",), usage=USAGE, times=None),
            )
            peer = f"peer: {{{plan_peer(tmp_path, tools='many')}}}"
            config = (
                f'providers: {{mine: {{kind: openai_compatible, base_url: "{server.url}/v1"}}}}\n'
                f"pipeline: {{speculate: off}}\nmcp: {{servers: {{{peer}}}, startup_s: 60}}\n"
            )
            home = Home(tmp_path, config)
            home.flags = Flags(model="mine:model-1", route="mine:model-1")
            assert (await home.ask("Please do the thing")).code == 0
            route, tool, *_ = [one.json for one in server.asked]
            lines = [line for line in json.dumps(route).split("\\n") if line.startswith("- peer__")]
            assert len(lines) == 200
            assert len("".join(lines)) / 4 < 4_000
            assert "tools" not in route
            declared = [one["function"]["name"] for one in tool["tools"]]
            assert [name for name in declared if name.startswith("peer__")] == ["peer__tool_7"]
            assert "calculate" in declared

    asyncio.run(scene())
