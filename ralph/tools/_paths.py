"""Guards the file tools: they see only files below the working directory, and none that hold secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from os import scandir, stat_result
from os.path import normpath
from pathlib import Path, PurePath

from ralph.core.llm.tool import ToolFailure
from ralph.core.unicode import whole
from ralph.disk import below
from ralph.tools._secret_names import holds_secrets

MAX_ENTRIES = 50_000


class Missing(ToolFailure):
    """The file or folder does not exist."""


class Outside(ToolFailure):
    """The path lies outside the working directory, or is a link that leads there."""


class Closed(ToolFailure):
    """The file is hidden or may hold a key."""


def is_closed(name: str) -> bool:
    """Return whether the name is never shown, read or counted: hidden files, `.env*`, keys."""
    return name.startswith(".") or holds_secrets(name)


def real(root: Path) -> Path:
    """Return the working directory with all links followed. Raises `ToolFailure` if it is gone."""
    try:
        return root.resolve(strict=True)
    except (OSError, RuntimeError):
        raise ToolFailure("the working directory is gone or cannot be read, and no file with it") from None


def inside(root: Path, path: str) -> Path:
    """Return the path that a tool may touch. Raises `ToolFailure` if it is outside, hidden or missing.

    A name without its ending or in other case finds the file if only one matches: `readme` finds `README.md`.
    """
    base, path = root.resolve(), whole(path)
    wanted = (base / path.strip()).absolute()
    found = _check(base, wanted, path)
    if found is None:
        alike = _alike(wanted)
        found = _check(base, alike, path) if alike else None
    if found is None:
        raise Missing(f"there is no file or folder '{path}' here")
    return found


def _check(base: Path, wanted: Path, path: str) -> Path | None:
    """Return the path with all links followed, if access is allowed; None if nothing exists there."""
    try:
        lexical = Path(_normal(wanted))
        real = lexical.resolve()
        if not lexical.is_relative_to(base) or not real.is_relative_to(base):
            raise Outside(f"'{path}' lies outside the working directory; only what is below it can be read")
        names = {*lexical.relative_to(base).parts, *real.relative_to(base).parts}
        if any(map(is_closed, names)):
            raise Closed(f"'{path}' is a hidden file or may hold a key; such files are never read")
        return real if real.exists() else None
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that is too long, a NUL
        raise Missing(f"'{path[:80]}' is not a path that can be followed") from None


def _normal(path: Path) -> str:
    return normpath(path)


def _alike(wanted: Path) -> Path | None:
    """Return the one allowed file beside the path with the same name in other case, or with an ending."""
    if not wanted.parent.is_dir():
        return None
    name = whole(wanted.name).lower()
    try:
        names = [e.name for e in scandir(wanted.parent) if not is_closed(e.name)]
    except OSError:
        return None
    for same in (
        [n for n in names if whole(n).lower() == name],  # names with invalid bytes were listed with U+FFFD
        [n for n in names if PurePath(n).stem.lower() == name],
    ):
        if len(same) == 1:
            return wanted.parent / same[0]
    return None


class Walk:
    """Iterates over the allowed files and folders below a folder, in order. Links to folders are not followed.

    `root` is a real path. After the iteration, `closed` is the number of skipped hidden entries and keys, and `cut`
    says whether the walk ended early because of its limit.
    """

    def __init__(self, root: Path, start: Path, *, recursive: bool = True) -> None:
        self.closed = 0
        self.cut = False
        self._root = root
        self._start = start
        self._recursive = recursive
        self._seen = 0

    def __iter__(self) -> Iterator[Path]:
        waiting = [(self._start, iter(self._entries(self._start)))]
        while waiting:
            folder, entries = waiting[-1]
            entry = next(entries, None)
            if entry is None:
                waiting.pop()
                continue
            self._seen += 1
            if self._seen > MAX_ENTRIES:
                self.cut = True
                return
            path = folder / entry.name
            if is_closed(entry.name) or (entry.link and not self._stays_below(path)):
                self.closed += 1
                continue
            yield path
            if self._recursive and entry.folder:
                waiting.append((path, iter(self._entries(path))))

    def _entries(self, folder: Path) -> list[below.Entry]:
        try:
            return sorted(below.entries(self._root, folder), key=lambda e: e.name.lower())
        except OSError:  # a folder that may not be read or is now a link
            self.closed += 1
            return []

    def _stays_below(self, path: Path) -> bool:
        """Return whether a link leads to an allowed path below the root."""
        try:
            follow_link(path, self._root)
        except OSError:
            return False
        return True


def follow_link(path: Path, root: Path) -> Path:
    """Return the target of a link. Raises `OSError` for a target that is outside the root or closed."""
    try:
        found = path.resolve()
        if not any(map(is_closed, found.relative_to(root).parts)):
            return found
    except (RuntimeError, ValueError):  # a loop of links; a path outside
        pass
    raise below.Elsewhere(path)


def facts(path: Path, root: Path) -> stat_result | None:
    """Return the stat result of a path, through links that stay below the root; None for a path that is gone."""
    try:
        found = below.facts(root, path)
        return below.facts(root, follow_link(path, root)) if stat.S_ISLNK(found.st_mode) else found
    except OSError:
        return None


def regular(path: Path, root: Path) -> stat_result | None:
    """Return the stat result of a regular file; None for folders, devices, pipes and missing files."""
    found = facts(path, root)
    return found if found and stat.S_ISREG(found.st_mode) else None


def is_folder(path: Path, root: Path) -> bool:
    found = facts(path, root)
    return found is not None and stat.S_ISDIR(found.st_mode)


def format_path(path: Path, root: Path) -> str:
    """Format the path for a person, relative to the working directory, as code if markdown would change it."""
    name = whole(path.relative_to(root).as_posix())
    return f"`{name}`" if any(sign in name for sign in "_*`[<~") else name
