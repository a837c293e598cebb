"""The client of the official conformance suite: ralph's own servers of tools, at the address that the suite names.

The suite starts it once for each scenario with the address as its last argument. It lists the tools and calls each one;
questions are answered with their defaults; a login visits the page itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.clock import SystemClock
from ralph.core.llm.tool import Surroundings, Tool, ToolCall, ToolFailure
from ralph.core.ports.face import Consent, ConsentAnswer


class Defaults:
    """A person who takes the first answer, and leaves every field as it is."""

    async def allow(self, consent: Consent) -> ConsentAnswer:
        return ConsentAnswer(allowed=True)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return options[0][0]

    async def enter(self, title: str, note: str) -> str | None:
        return ""


def make_arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for each property."""
    made: dict[str, Any] = {}
    for number, (name, one) in enumerate(schema.get("properties", {}).items()):
        kind = one.get("type") if isinstance(one, Mapping) else None
        values = {
            "string": "text",
            "number": 5 - number,
            "integer": 5 - number,
            "boolean": True,
            "array": [],
            "object": {},
        }
        made[name] = values.get(str(kind), "text")
    return made


async def call(tool: Tool, arguments: Mapping[str, Any]) -> None:
    around = Surroundings(Path.cwd(), SystemClock())
    try:
        print(tool.spec.name, await tool.run(arguments, ToolCall(around, by_person=True)))
    except ToolFailure as failure:
        print(f"{tool.spec.name} failed: {failure}", file=sys.stderr)


async def use(space: LocalWorkspace) -> int:
    scenario = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
    given = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    space.asker = Defaults()
    await space.tools.rows()
    if scenario.startswith("auth/"):

        def show(url: str) -> None:
            asyncio.get_running_loop().run_in_executor(None, lambda: urllib.request.urlopen(url).read())

        row = await space.mcp.log_in("suite", show)
    else:
        (row,) = await space.mcp.connect("suite")
    print(row)
    tools = {name.partition("__")[2]: tool for name, tool in space.mcp.current().items()}
    if scenario == "json-schema-2020-12-preservation":  # what was listed; what a model gets has no references
        listed: Any = tools.pop("json_schema_2020_12_tool")
        given = {"toolCalls": [{"name": name, "arguments": {"schema": listed._listed.schema}} for name in tools]}
    if calls := given.get("toolCalls"):
        for one in calls:
            await call(tools[one["name"]], one.get("arguments", {}))
    else:
        for tool in tools.values():
            await call(tool, make_arguments(tool.spec.schema))
    return 0 if row.state == "ready" else 1


async def main(url: str) -> int:
    with tempfile.TemporaryDirectory() as at:
        config = Path(at) / "config.yaml"
        config.write_text(json.dumps({"mcp": {"servers": {"suite": {"url": url}}, "startup_s": 60}}))
        environ = {"RALPH_CONFIG": str(config), "RALPH_DATA_DIR": at}
        async with workspace(Flags(), environ=environ, root=Path(at)) as space:
            return await use(space)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[-1])))
