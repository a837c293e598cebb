"""Resources that a person names in a message as `@server:uri`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ralph.core.formatting import plural
from ralph.core.ports.mcp import McpText

MAX_NAMED = 20
_NAMED = re.compile(r'(?:^|(?<=\s))@(?:"([^"\n]+)"|([^\s"@]+))')
# Characters that end a sentence, but no address.
_BEHIND = ",;!?)]}'\".…”’»"


def find_resources(message: str, servers: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return server and address of each resource that the message names, each once."""
    return tuple(dict.fromkeys(_find(message, servers)))[:MAX_NAMED]


def _find(message: str, servers: Collection[str]) -> Iterator[tuple[str, str]]:
    for quoted, bare in _NAMED.findall(message):
        server, colon, uri = (quoted or bare.rstrip(_BEHIND)).partition(":")
        if colon and uri and server in servers:
            yield server, uri


def describe_text(server: str, name: str, found: McpText) -> str:
    """Return a text of a server as the context of a message has it. Its heading says whether it is outside content."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", found.text)), default=0))
    size = plural(len(found.text.splitlines()), "line")
    whose = f"`mcp:{server}:{name}`" if found.origin == "outside" else f"`{server}:{name}`"
    return f"{whose} ({size}):\n{fence}\n{found.text}\n{fence}"
