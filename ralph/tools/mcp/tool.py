"""A tool of a server, as models call it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import ToolCall, ToolFailure
from ralph.core.llm.tool_output import ToolOutput
from ralph.core.ports.mcp import ToolPin
from ralph.core.sanitise import printable
from ralph.tools.mcp.listed import ListedTool, effect_of_hints
from ralph.tools.mcp.results import read_result
from ralph.tools.mcp.server import McpServer

MAX_DESCRIPTION = 4_000
# The time of a call is the server's own: progress begins it again, and a person's answer is not part of it.
_OUTER_S = 86_400.0
_HINTS = (
    ("destructiveHint", True, "may destroy data"),
    ("readOnlyHint", True, "only reads"),
    ("openWorldHint", True, "reaches other machines"),
)


class McpTool:
    """One tool. It is declared to the tool model only if the route chose it."""

    on_demand = True
    timeout_s = _OUTER_S

    def __init__(self, server: McpServer, listed: ListedTool, name: str, schema: Mapping[str, Any]) -> None:
        self._server = server
        self._listed = listed
        self.effect = effect_of_hints(listed.hints, trust=server.settings.trust)
        self.spec = ToolSpec(name, printable(listed.description)[:MAX_DESCRIPTION] or listed.name, schema)

    @property
    def server(self) -> str:
        """Return the name of its server."""
        return self._server.name

    @property
    def changed(self) -> str:
        """Return why its calls ask again: its definition is another one than the one that a person has seen."""
        pinned = self._server.pins.get(self._listed.name)
        if pinned is None or pinned.digest == self._listed.digest:
            return ""
        return f"the server {self._server.name} changed the definition of this tool"

    def preview(self, _: Mapping[str, Any]) -> str:
        """Return the server and its own name of the tool, its hints, and what changed in its definition."""
        said = [words for hint, value, words in _HINTS if self._listed.hints.get(hint) is value]
        lines = [f"{self._listed.name} of the server {self._server.name} ({self._server.describe_place()})"]
        if said:
            lines.append(f"the server says that it {' and '.join(said)}")
        pinned = self._server.pins.get(self._listed.name)
        if self.changed and pinned:
            before, after = pinned.definition.splitlines(), self._listed.definition.splitlines()
            lines += ["", *difflib.unified_diff(before, after, "before", "now", lineterm="", n=1)]
        return "\n".join(lines)

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> ToolOutput:
        """Return the result of the server. Raises `ToolFailure`."""
        server, own = self._server, self._listed.name
        connection = await server.connect()
        current = server.find(own)
        if current is None:
            raise ToolFailure(f"the server {server.name} has no tool '{own}' any more")
        if current.digest != self._listed.digest:
            raise ToolFailure(
                f"the call was not run: the server {server.name} has changed the definition of {own}; "
                "in the next turn the new one is offered, and a call of it asks"
            )
        if self.changed and call.by_person:
            await server.pin({own: ToolPin(current.digest, current.definition)})
        try:
            result = await connection.call(own, arguments, server.call_s, lambda said: call.emit_output(f"{said}\n"))
        except TimeoutError:
            text = f"{self.spec.name} took longer than {server.call_s:g} s and was stopped"
            return ToolOutput(text, server.origin, failed=True, timed_out=True)
        except ToolFailure as failure:
            again = "; it is started again at the next call" if connection.ended else ""
            return ToolOutput(f"{self.spec.name} failed: {failure}{again}", server.origin, failed=True)
        return read_result(result, server.origin)
