"""The servers of tools on the command line: list them, try one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ralph.core.errors import Failure, Kind
from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.mcp import McpRow
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line

NO_SERVERS = "no server is configured; docs/mcp.md shows how to write one under mcp.servers"


async def list_servers(workspace: Workspace, out: TextIO, *, as_json: bool = False) -> int:
    """Start every server that is enabled, and print its state and its tools."""
    rows = await workspace.mcp.connect()
    if as_json:
        print_json(workspace, rows, out)
        return 0
    if not rows:
        print(NO_SERVERS, file=out)
    for row in rows:
        print(line(workspace.clean(describe_row(row))), file=out)
    return 0


async def try_server(workspace: Workspace, name: str, out: TextIO, *, as_json: bool = False) -> int:
    """Start one server, and print its tools, or its last words. Raises `NotFound`, and `Failure` if it failed."""
    (row,) = await workspace.mcp.connect(name)
    if as_json:
        print_json(workspace, [row], out)
    else:
        print(line(workspace.clean(describe_row(row))), file=out)
        for tool in row.tools:
            print(line(f"  {tool}"), file=out)
        if row.state == "failed":
            for said in row.stderr:
                print(line(workspace.clean(f"  stderr: {said}")), file=out)
    if row.state != "ready":
        raise Failure(Kind.NETWORK, f"the server {name} cannot be used: {row.error}")
    return 0


async def log_in(workspace: Workspace, name: str, out: TextIO, err: TextIO, *, as_json: bool = False) -> int:
    """Log in to a server by a page that the person visits. Raises `NotFound`, and `Failure`."""

    def show(url: str) -> None:
        print(f"ralph: open this page to log in to {name}:\n{line(url)}", file=err, flush=True)

    row = await workspace.mcp.log_in(name, show)
    if as_json:
        print_json(workspace, [row], out)
    if row.state != "ready":
        raise Failure(Kind.NETWORK, f"the login to {name} failed: {row.error}")
    if not as_json:
        print(line(workspace.clean(describe_row(row))), file=out)
    return 0


def log_out(workspace: Workspace, name: str, out: TextIO, *, as_json: bool = False) -> int:
    """Forget the login to a server. Raises `NotFound`, and `Failure`."""
    there = workspace.mcp.log_out(name)
    if as_json:
        print_json(workspace, [row for row in workspace.mcp.rows() if row.name == name], out)
    else:
        print(f"the login to {name} is forgotten" if there else f"there was no login to {name}", file=out)
    return 0


def print_json(workspace: Workspace, rows: Sequence[McpRow], out: TextIO) -> None:
    """Print the servers as one object."""
    print(workspace.clean(dump_visible({"servers": [plain(row) for row in rows]})), file=out)


def describe_row(row: McpRow) -> str:
    """Return a server as one line."""
    count = f"{len(row.tools)} tool{'' if len(row.tools) == 1 else 's'}"
    begin = f"{row.name:18} {row.transport:6} {row.state:9} {row.protocol or '-':11} {count:10}"
    return f"{begin} {row.error or ''}".rstrip()
