"""The first turn with twenty servers, of which three are slow and one is dead: `python -m tests.bench.mcp_servers [N]`.

Beside the same turn without servers. `first` is a workspace as the screen has it: nothing is remembered, servers start
in the background, and the turn is sent at once. `again` is the same with remembered lists. `ralph -p` is a whole
process with remembered lists, whose turn calls no tool of a server.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from ralph.assembly.workspace import workspace
from ralph.core.ports.user_input import UserInput
from tests.bench.headless import spent
from tests.bench.serving import row
from tests.headless.tool_turns import ToolHome
from tests.tools.mcp.peers import PEER, Person

ROUNDS = 5
SERVERS, SLOW = 20, 3


def make_home(path: Path, servers: int) -> ToolHome:
    """A home with these servers: the first is dead, the next ones are slow."""
    path.mkdir()
    entries = []
    for number in range(servers):
        plan = path / f"plan{number}.json"
        plan.write_text(json.dumps({"delay": 8 if 0 < number <= SLOW else 0}))
        command = ["/bin/false"] if number == 0 else [sys.executable, "-S", str(PEER), str(plan)]
        entries.append(f"s{number}: {{command: {json.dumps(command)}}}")
    home = ToolHome(path, f"mcp: {{servers: {{{', '.join(entries)}}}, startup_s: 60}}\n" if servers else "")
    home.prepare("Tell me", answer="Fine.")
    return home


async def first_turn(home: ToolHome) -> float:
    """Milliseconds of a turn that is sent as soon as everything starts."""
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        space.asker = Person()
        warming = space.machine.warm()
        session = await space.timelines.open()
        began = time.perf_counter()
        await session.submit(UserInput("Tell me"))
        took = time.perf_counter() - began
        await warming
        return took * 1000


async def learn(home: ToolHome) -> None:
    """Let every server be listed once."""
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        await space.mcp.connect()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as at:
        for number in range(rounds + 1):
            for name, servers in (("none", 0), (f"{SERVERS}", SERVERS)):
                home = make_home(Path(at) / f"{number}-{name}", servers)
                first = asyncio.run(first_turn(home))
                if servers:
                    asyncio.run(learn(home))
                again = asyncio.run(first_turn(home))
                ref = f"scripted:{home.script}"
                command = [sys.executable, "-m", "ralph", "-p", "Tell me", "-m", ref, "--route", ref]
                if servers:
                    spent([sys.executable, "-m", "ralph", "mcp"], home.path)
                alone, _ = spent(command, home.path)
                if number:  # the first round fills the disk's cache
                    for kind, took in (("first", first), ("again", again), ("ralph -p", alone)):
                        found.setdefault(f"{kind}, {name}", []).append(took)
    for kind in ("first", "again", "ralph -p"):
        base = row(f"{kind}, no servers", found[f"{kind}, none"], "ms")
        row(f"{kind}, {SERVERS} servers", found[f"{kind}, {SERVERS}"], "ms", base, "")


if __name__ == "__main__":
    main()
