"""The files and folders that a prompt offers: those below the working directory that are not hidden."""

from __future__ import annotations

import time
from collections import deque
from os import DirEntry
from pathlib import Path
from threading import Lock

from ralph.tools._paths import is_closed
from ralph.tui.fuzzy import best
from ralph.tui.prompt.entries import can_be_named, read_entries
from ralph.tui.prompt.outside_paths import leads_out, list_outside

# Folders that programs fill and nobody names. Names that begin with a dot are left out too.
HEAVY = frozenset({"node_modules", "bower_components", "__pycache__", "venv", "site-packages"})
MAX_SEEN = 50_000
MAX_KEPT = 20_000
LIMIT = 50
# A walk is used again for this many seconds, or for this many times its own duration: typing asks at every letter.
FRESH_S = 5.0
TIMES = 20


class PathIndex:
    """The index of paths. The first call walks the folder, and so does one after the index is old. Use a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths: list[str] = []
        self._until = float("-inf")
        self._walking = Lock()

    def like(self, part: str) -> list[str]:
        """Return the paths that `part` may mean, the best first. Folders end with a slash. "" lists the root folder.

        Outside of it, as in `~/no`, `/etc/` or `../`, the paths of the folder that is written out are returned.
        """
        if leads_out(part):
            return list_outside(self._root, part, LIMIT)
        with self._walking:
            begun = time.monotonic()
            if begun > self._until:
                self._paths = walk(self._root)
                ended = time.monotonic()
                self._until = ended + max(FRESH_S, TIMES * (ended - begun))
        part = part.removeprefix("./")
        folder = part.rpartition("/")[0] + "/" if "/" in part else ""
        if part == folder:
            below = [p for p in self._paths if p.startswith(folder) and p != folder]
            return [p for p in below if "/" not in p[len(folder) :].rstrip("/")][:LIMIT]
        return best(part, self._paths, LIMIT, key=_names if not folder else None)


def walk(root: Path) -> list[str]:
    """Return paths below a folder, near ones first, at most `MAX_KEPT`."""
    found: list[str] = []
    waiting = deque([("", root)])
    seen = 0
    while waiting:
        prefix, folder = waiting.popleft()
        for entry in read_entries(folder):
            seen += 1
            if seen > MAX_SEEN or len(found) == MAX_KEPT:
                return found
            if is_closed(entry.name) or not can_be_named(entry.name):
                continue
            if not _is_folder(entry):
                found.append(prefix + entry.name)
            elif entry.name not in HEAVY:
                found.append(f"{prefix}{entry.name}/")
                waiting.append((f"{prefix}{entry.name}/", Path(entry.path)))
    return found


def _names(path: str) -> tuple[str, str]:
    """Return the texts to match: the last name counts more than the whole path."""
    return path.rstrip("/").rpartition("/")[2], path


def _is_folder(entry: DirEntry[str]) -> bool:
    """Return whether an entry is a folder. A link to a folder is not."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
