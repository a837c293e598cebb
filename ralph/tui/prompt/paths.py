"""The files and folders that can be named in a message: what lies open below the working directory."""

from __future__ import annotations

import time
from collections import deque
from os import DirEntry, scandir
from pathlib import Path
from threading import Lock

from ralph.tools._paths import is_closed
from ralph.tui.fuzzy import best
from ralph.tui.text import clean

# Beside everything that begins with a dot: what programs fill and nobody names.
HEAVY = frozenset({"node_modules", "bower_components", "__pycache__", "venv", "site-packages"})
MAX_SEEN = 50_000
MAX_KEPT = 20_000
LIMIT = 50
# So long a walk is used again, and so many times as long as it took: a person types letter after letter.
FRESH_S = 5.0
TIMES = 20


class PathIndex:
    """Walked when it is first asked for, and again when it has become old; to be asked in a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths: list[str] = []
        self._until = float("-inf")
        self._walking = Lock()

    def like(self, part: str) -> list[str]:
        """What `part` may mean, the best first; folders end with a slash. Nothing typed: what lies here."""
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
    """Open paths below a folder, the near ones first, in bounds."""
    found: list[str] = []
    waiting = deque([("", root)])
    seen = 0
    while waiting:
        prefix, folder = waiting.popleft()
        for entry in _entries(folder):
            seen += 1
            if seen > MAX_SEEN or len(found) == MAX_KEPT:
                return found
            if is_closed(entry.name) or not _can_be_named(entry.name):
                continue
            if not _is_folder(entry):
                found.append(prefix + entry.name)
            elif entry.name not in HEAVY:
                found.append(f"{prefix}{entry.name}/")
                waiting.append((f"{prefix}{entry.name}/", Path(entry.path)))
    return found


def _can_be_named(name: str) -> bool:
    """Not with a quote or a newline, which ends a name in a message, nor with what a terminal obeys or nobody sees."""
    return not {'"', "\n"} & set(name) and clean(name) == name


def _names(path: str) -> tuple[str, str]:
    """The last name counts before the whole path."""
    return path.rstrip("/").rpartition("/")[2], path


def _entries(folder: Path) -> list[DirEntry[str]]:
    try:
        with scandir(folder) as entries:
            return sorted(entries, key=lambda e: e.name.casefold())
    except OSError:  # a folder that may not be read has nothing to name
        return []


def _is_folder(entry: DirEntry[str]) -> bool:
    """Links to folders are not followed."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
