"""The guard of the file tools: only what lies below the working directory, and nothing that holds secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from os import DirEntry, scandir, stat_result
from os.path import normpath
from pathlib import Path, PurePath

from ralph.core.tool import ToolFailure

MAX_ENTRIES = 50_000
# Beside everything that begins with a dot.
_SECRET = ("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.env", "id_rsa*", "id_dsa*",
           "id_ecdsa*", "id_ed25519*", "_netrc", "credentials", "credentials.json")  # fmt: skip


def is_closed(name: str) -> bool:
    """A name that is never shown, read or counted: hidden files, `.env*`, keys."""
    return name.startswith(".") or any(fnmatch(name.lower(), pattern) for pattern in _SECRET)


def inside(root: Path, path: str) -> Path:
    """The file or folder that a tool may touch. Raises `ToolFailure` for what lies outside, is hidden, or is not there.

    A name without its ending, or in other case, finds the only file that is meant: `readme` finds `README.md`.
    """
    base = root.resolve()
    wanted = (base / path.strip()).absolute()
    found = _checked(base, wanted, path)
    if found is None:
        alike = _alike(wanted)
        found = _checked(base, alike, path) if alike else None
    if found is None:
        raise ToolFailure(f"there is no file or folder '{path}' here")
    return found


def _checked(base: Path, wanted: Path, path: str) -> Path | None:
    """The path with all links followed, if it is open; None if there is nothing."""
    try:
        lexical = Path(_normal(wanted))
        real = lexical.resolve()
        if not lexical.is_relative_to(base) or not real.is_relative_to(base):
            raise ToolFailure(f"'{path}' lies outside the working directory; only what is below it can be read")
        names = {*lexical.relative_to(base).parts, *real.relative_to(base).parts}
        if any(map(is_closed, names)):
            raise ToolFailure(f"'{path}' is a hidden file or may hold a key; such files are never read")
        return real if real.exists() else None
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that is too long, a NUL
        raise ToolFailure(f"'{path[:80]}' is no path that can be followed") from None


def _normal(path: Path) -> str:
    return normpath(path)


def _alike(wanted: Path) -> Path | None:
    """The one open file beside it with the same name in other case, or with an ending."""
    if not wanted.parent.is_dir():
        return None
    name = wanted.name.lower()
    try:
        names = [e.name for e in scandir(wanted.parent) if not is_closed(e.name)]
    except OSError:
        return None
    for same in ([n for n in names if n.lower() == name], [n for n in names if PurePath(n).stem.lower() == name]):
        if len(same) == 1:
            return wanted.parent / same[0]
    return None


class Walk:
    """The open files and folders below a folder, in order. Links to folders are not followed.

    After it was read, `closed` is how many hidden entries and keys were passed over, and `cut` says whether it ended
    early because there was too much.
    """

    def __init__(self, root: Path, start: Path, *, recursive: bool = True) -> None:
        self.closed = 0
        self.cut = False
        self._root = root.resolve()
        self._start = start
        self._recursive = recursive
        self._seen = 0

    def __iter__(self) -> Iterator[Path]:
        waiting = [iter(self._entries(self._start))]
        while waiting:
            entry = next(waiting[-1], None)
            if entry is None:
                waiting.pop()
                continue
            self._seen += 1
            if self._seen > MAX_ENTRIES:
                self.cut = True
                return
            if is_closed(entry.name) or not self._stays_below(entry):
                self.closed += 1
                continue
            yield Path(entry.path)
            if self._recursive and entry.is_dir(follow_symlinks=False):
                waiting.append(iter(self._entries(Path(entry.path))))

    def _entries(self, folder: Path) -> list[DirEntry[str]]:
        try:
            with scandir(folder) as found:
                return sorted(found, key=lambda e: e.name.lower())
        except OSError:  # a folder that may not be read has nothing to show
            self.closed += 1
            return []

    def _stays_below(self, entry: DirEntry[str]) -> bool:
        """A link must lead to an open place below the root."""
        if not entry.is_symlink():
            return True
        try:
            real = Path(entry.path).resolve()
            return not any(map(is_closed, real.relative_to(self._root).parts))
        except (OSError, RuntimeError, ValueError):
            return False


def regular(path: Path) -> stat_result | None:
    """The facts of a regular file; None for folders, devices, pipes and what is gone."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts if stat.S_ISREG(facts.st_mode) else None


def shown(path: Path, root: Path) -> str:
    """The path as a person reads it: from the working directory on, marked as code where markdown would mangle it."""
    name = path.relative_to(root.resolve()).as_posix()
    return f"`{name}`" if any(sign in name for sign in "_*`[<~") else name
