"""`ralph mcp`: the servers of tools; each enabled one is started to say what it has."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.core.errors import Failure, Kind
from ralph.headless import mcp
from ralph.headless.signals import Signals

SUMMARY = "the servers of tools (MCP): list, test, login, logout"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("what", nargs="?", choices=("list", "test", "login", "logout"), default="list")
    parser.add_argument("server", nargs="?", help="the name of a server in mcp.servers")


def run(given: Namespace, signals: Signals) -> int:
    if given.what == "list" and given.server:
        raise Failure(Kind.USAGE, "ralph mcp list takes no server; it lists all of them")
    if given.what != "list" and not given.server:
        raise Failure(Kind.USAGE, f"write  ralph mcp {given.what} NAME")

    async def work(space: LocalWorkspace) -> int:
        if given.what == "list":
            return await mcp.list_servers(space, sys.stdout, as_json=given.json)
        if given.what == "login":
            return await mcp.log_in(space, given.server, sys.stdout, sys.stderr, as_json=given.json)
        if given.what == "logout":
            return mcp.log_out(space, given.server, sys.stdout, as_json=given.json)
        return await mcp.try_server(space, given.server, sys.stdout, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
