"""The files that a message can name outside the working directory: below the home directory, `/` or `..`."""

from __future__ import annotations

from os import path as paths
from pathlib import Path

from ralph.tools._paths import is_closed
from ralph.tui.fuzzy import best
from ralph.tui.prompt.entries import can_be_named, read_entries

# The most entries of one folder that are looked at.
MAX_SEEN = 20_000


def leads_out(part: str) -> bool:
    """Return whether the part begins as a path outside the working directory does."""
    return part.startswith("/") or f"{part}/".startswith(("~/", "../"))


def list_outside(root: Path, part: str, limit: int) -> list[str]:
    """Return what `part` may mean, the best first, as the person writes it. Only its own folder is read, no deeper one.

    Hidden entries and keys are not offered.
    """
    if part in ("~", ".."):
        return [f"{part}/"]
    before, _, name = part.rpartition("/")
    folder = Path(paths.normpath(root / paths.expanduser(f"{before}/")))
    names = []
    for entry in read_entries(folder)[:MAX_SEEN]:
        if not is_closed(entry.name) and can_be_named(entry.name):
            names.append(entry.name + ("/" if paths.isdir(entry.path) else ""))
    found = best(name, names, limit) if name else names[:limit]
    return [f"{before}/{one}" for one in found]
