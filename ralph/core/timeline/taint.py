"""Outside content in the window: where it comes from, and whether private content was read too. A pure fold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from ralph.core.llm.consent import Taint
from ralph.core.timeline.calls import Call
from ralph.core.timeline.turns import Turn

# The heading of an attached file in the context of a message, where its path leads out of the working directory, or
# it comes from a server that is not trusted.
_ATTACHED = re.compile(r"^`?((?:/|~|\.\.|[A-Za-z]:\\|https?://|mcp:)[^\n]*?)`? \(\d[\d,]* [a-z]+\):$", re.MULTILINE)
# Programs and tools of servers may read files and the environment.
_PRIVATE = ("read", "run", "unknown")


def find_taint(turns: Iterable[Turn]) -> Taint:
    """Return the outside content of these turns: the ones that a request carries, and the running one."""
    sources: dict[str, str] = {}
    private = False
    for turn in turns:
        private = private or bool(turn.started.context or turn.started.attachments)
        for name in _list_attached(turn):
            sources.setdefault(name, f"turn {turn.number}")
        for call in (call for block in turn.blocks for call in block.calls):
            private = private or reads_private(call)
            for name in outside_sources(call):
                sources.setdefault(name, call.id)
    return Taint(tuple(f"{name} since {place}" for name, place in sources.items()), private)


def outside_sources(call: Call) -> Iterator[str]:
    """Yield the names of the outside content that a call brought: a host, a server, a path, or the tool's own name."""
    if not _has_output(call):
        return
    files = [record.path for record in call.files if _is_absolute(record.path)]
    yield from files
    if not files and _is_outside(call):
        yield _name(call)


def reads_private(call: Call) -> bool:
    """Return whether a call read files, timelines or the environment, or may have."""
    return call.effect in _PRIVATE and _has_output(call)


def _has_output(call: Call) -> bool:
    return call.status is not None and call.decision != "denied" and call.status != "denied"


def _is_outside(call: Call) -> bool:
    """Return the recorded origin; older events have none, and there the effect decides."""
    if call.origin is not None:
        return call.origin == "outside"
    return call.effect in ("network", "unknown") and call.status != "cancelled"


def _name(call: Call) -> str:
    server, mark, _ = call.name.partition("__")
    if mark:
        return server
    url = call.given.get("url")
    host = _host(url) if isinstance(url, str) else ""
    return host or call.name


def _host(url: str) -> str:
    """Return the host of a URL, with its port if it has one."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return f"{host}:{port}" if host and port else host


def _list_attached(turn: Turn) -> Iterator[str]:
    """Yield the files outside the working directory that the person sent with the message."""
    for file in turn.started.attachments:
        if _is_absolute(file.name) or file.name.startswith(("~", "..", "http://", "https://")):
            yield file.name
    for found in _ATTACHED.finditer(turn.started.context):
        yield found[1]


def _is_absolute(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()
