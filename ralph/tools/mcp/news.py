"""What a timeline is told of servers: that one is late, joined, or cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ralph.core.log.events import Note
from ralph.tools.mcp.server import McpServer

# The kinds of the notes.
LATE, JOINED, LEFT_OUT = "mcp_late", "mcp_joined", "mcp_left_out"
MAX_NAMED = 5


class ServerNews:
    """Remembers what each timeline was told in this run, so that each thing is told once."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, str]] = {}

    def list_new(
        self, timeline: str, servers: Iterable[McpServer], unusable: Mapping[str, Mapping[str, str]]
    ) -> tuple[Note, ...]:
        """Return the notes that the timeline does not have. `unusable`: by server, why a tool is left out."""
        told = self._told.setdefault(timeline, {})
        made: list[Note] = []
        for server in servers:
            data = {"server": server.name, "loud": True}
            if (problem := _describe_problem(server)) is not None:
                if told.get(server.name) != problem[1]:
                    made.append(Note(problem[0], problem[1], data=data))
                told[server.name] = problem[1]
            elif server.lists is not None:
                if told.get(server.name):
                    made.append(Note(JOINED, _describe_joined(server), data=data))
                told[server.name] = ""
            for words in _describe_unusable(server, unusable.get(server.name, {})):
                if words not in told:
                    made.append(Note(LEFT_OUT, words, data=data))
                told[words] = ""
        return tuple(made)


def _describe_problem(server: McpServer) -> tuple[str, str] | None:
    """Return the kind and the words of what keeps its tools away; None if its list is known or nobody tried."""
    if server.lists is not None:
        return None
    if server.error:
        return LEFT_OUT, f"the server {server.name} is left out: {server.error}"
    if server.state == "starting" or server.planned:
        return LATE, f"the server {server.name} is still starting; its tools join a later turn"
    if server.missed:
        tries = f"`ralph mcp test {server.name}` tries it again"
        return LEFT_OUT, f"the server {server.name} is left out, for it did not answer the last time; {tries}"
    return None


def _describe_joined(server: McpServer) -> str:
    names = [tool.name for tool in server.tools()]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"the server {server.name} joined with {', '.join(names[:MAX_NAMED]) or 'no tools'}{more}"


def _describe_unusable(server: McpServer, tools: Mapping[str, str]) -> Iterator[str]:
    for name, why in list(tools.items())[:MAX_NAMED]:
        yield f"the tool {name} of the server {server.name} is left out: {why}"
