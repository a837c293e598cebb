"""`/mcp`: the servers of tools, their states, and the last lines of their standard errors."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.ports.face import Face
from ralph.core.ports.mcp import McpRow

RESTART = "restart"
_STATES = {"off": "· off", "idle": "○ not started", "starting": "… starting", "ready": "✓ ready", "failed": "✗ failed"}
NO_SERVERS = "No server is configured. Write one under `mcp.servers` in the configuration; `docs/mcp.md` shows how."


async def run(argument: str, face: Face) -> None:
    """Show all servers, or one with its tools and its standard error; with `restart`, start one again."""
    words = argument.split()
    service = face.workspace.mcp
    await face.workspace.tools.rows()  # reads the lists that are remembered
    if words[:1] == [RESTART]:
        if len(words) != 2:
            raise Failure(Kind.USAGE, f"write  /mcp {RESTART} NAME")
        row = await service.restart(words[1])
        face.result({"servers": [row]})
        face.say(_describe_one(row))
        return
    rows = service.rows()
    if not words:
        face.result({"servers": rows})
        face.say(_table(rows) if rows else NO_SERVERS)
        return
    found = next((row for row in rows if row.name == argument.strip()), None)
    if found is None:
        hint = did_you_mean(argument.strip(), (RESTART, *(row.name for row in rows)))
        raise NotFound(f"there is no server '{argument.strip()}'{hint}")
    face.result({"servers": [found]})
    face.say(_describe_one(found))


async def complete(argument: str, face: Face) -> Sequence[str]:
    """Complete the names of servers, and `restart` with one."""
    names = [row.name for row in face.workspace.mcp.rows()]
    word, blank, start = argument.lstrip().partition(" ")
    if blank and word == RESTART:
        return [f"{RESTART} {name}" for name in names if name.startswith(start.strip())]
    return [one for one in (*names, RESTART) if one.startswith(word)] if not blank else ()


def _table(rows: Sequence[McpRow]) -> str:
    lines = "\n".join(
        f"| {verbatim(row.name)} | {row.transport} | {_STATES[row.state]} | {row.protocol or ''} | {len(row.tools)} "
        f"| {verbatim(row.error or '')} |"
        for row in rows
    )
    return f"| server | by | state | protocol | tools | error |\n| --- | --- | --- | --- | --- | --- |\n{lines}"


def _describe_one(row: McpRow) -> str:
    tools = ", ".join(verbatim(name) for name in row.tools) or "none"
    said = "\n".join(f"    {line}" for line in row.stderr)
    tail = f"\n\nThe last lines of its standard error:\n\n{said}" if said else ""
    return f"{_table([row])}\n\nTools: {tools}{tail}"


COMMAND = Simple(
    "mcp", "the servers of tools: states, tools, standard error", run, (), f"[name | {RESTART} name]", complete
)
