"""The names of tools for models: `server__tool`, in letters that every vendor takes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

MAX_CHARACTERS = 64
_HASH_CHARACTERS = 8


def name_tools(server: str, tools: Sequence[str]) -> Mapping[str, str]:
    """Return the name for models of each of the server's own names.

    Where a name had to be changed so that another tool may get the same one, a hash of the own name ends it.
    """
    wanted = {tool: _clean(f"{server}__{tool}") for tool in dict.fromkeys(tools)}
    count: dict[str, int] = {}
    for name in wanted.values():
        count[name] = count.get(name, 0) + 1
    made: dict[str, str] = {}
    for tool, name in wanted.items():
        clash = count[name] > 1 and name != f"{server}__{tool}"
        made[tool] = _with_hash(name, tool) if clash or len(name) > MAX_CHARACTERS else name
    return made


def with_hash(name: str, own: str) -> str:
    """Return the name with a hash of the server's and tool's own names, for a clash between servers."""
    return _with_hash(name, own)


def _clean(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _with_hash(name: str, own: str) -> str:
    digest = hashlib.sha256(own.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARACTERS]
    return f"{name[: MAX_CHARACTERS - _HASH_CHARACTERS - 1]}_{digest}"
