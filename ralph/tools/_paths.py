"""The guard of the file tools: only what lies below the working directory, and nothing that holds secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from os import scandir, stat_result
from os.path import normpath
from pathlib import Path, PurePath

from ralph.core.llm.tool import ToolFailure
from ralph.core.unicode import whole
from ralph.tools import _below
from ralph.tools._secret_names import holds_secrets

MAX_ENTRIES = 50_000


class Missing(ToolFailure):
    """There is no such file or folder."""


class Outside(ToolFailure):
    """It lies outside the working directory, or is a link that leads there."""


class Closed(ToolFailure):
    """It is hidden, or may hold a key."""


def is_closed(name: str) -> bool:
    """A name that is never shown, read or counted: hidden files, `.env*`, keys."""
    return name.startswith(".") or holds_secrets(name)


def real(root: Path) -> Path:
    """The working directory with all links followed. Raises `ToolFailure` where it is gone."""
    try:
        return root.resolve(strict=True)
    except (OSError, RuntimeError):
        raise ToolFailure("the working directory is gone or cannot be read, and no file with it") from None


def inside(root: Path, path: str) -> Path:
    """The file or folder that a tool may touch. Raises `ToolFailure` for what lies outside, is hidden, or is not there.

    A name without its ending, or in other case, finds the only file that is meant: `readme` finds `README.md`.
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
    """The path with all links followed, if it is open; None if there is nothing."""
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
    """The one open file beside it with the same name in other case, or with an ending."""
    if not wanted.parent.is_dir():
        return None
    name = whole(wanted.name).lower()
    try:
        names = [e.name for e in scandir(wanted.parent) if not is_closed(e.name)]
    except OSError:
        return None
    for same in (
        [n for n in names if whole(n).lower() == name],  # bytes that are no text were listed as U+FFFD
        [n for n in names if PurePath(n).stem.lower() == name],
    ):
        if len(same) == 1:
            return wanted.parent / same[0]
    return None


class Walk:
    """The open files and folders below a folder, in order. Links to folders are not followed. `root` is the real one.

    After it was read, `closed` is how many hidden entries and keys were passed over, and `cut` says whether it ended
    early because there was too much.
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

    def _entries(self, folder: Path) -> list[_below.Entry]:
        try:
            return sorted(_below.entries(self._root, folder), key=lambda e: e.name.lower())
        except OSError:  # a folder that may not be read, or is a link by now, has nothing to show
            self.closed += 1
            return []

    def _stays_below(self, path: Path) -> bool:
        """A link must lead to an open place below the root."""
        try:
            follow_link(path, self._root)
        except OSError:
            return False
        return True


def follow_link(path: Path, root: Path) -> Path:
    """Where a link leads. Raises `OSError` for what lies outside the root, or is closed."""
    try:
        found = path.resolve()
        if not any(map(is_closed, found.relative_to(root).parts)):
            return found
    except (RuntimeError, ValueError):  # a loop of links; a place outside
        pass
    raise _below.Elsewhere(path)


def facts(path: Path, root: Path) -> stat_result | None:
    """Of what lies there, or where a link leads that stays below; None for what is gone or lies elsewhere."""
    try:
        found = _below.facts(root, path)
        return _below.facts(root, follow_link(path, root)) if stat.S_ISLNK(found.st_mode) else found
    except OSError:
        return None


def regular(path: Path, root: Path) -> stat_result | None:
    """The facts of a regular file; None for folders, devices, pipes and what is gone."""
    found = facts(path, root)
    return found if found and stat.S_ISREG(found.st_mode) else None


def is_folder(path: Path, root: Path) -> bool:
    found = facts(path, root)
    return found is not None and stat.S_ISDIR(found.st_mode)


def format_path(path: Path, root: Path) -> str:
    """The path as a person reads it: from the working directory on, marked as code where markdown would mangle it."""
    name = whole(path.relative_to(root).as_posix())
    return f"`{name}`" if any(sign in name for sign in "_*`[<~") else name
