"""The place of a file that a tool writes: below the working directory, through no link, and no hidden file or key."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import ToolFailure
from ralph.disk import below
from ralph.disk.changes import describe_error
from ralph.tools._paths import is_closed

MAX_FILE_BYTES = 8 * 1024 * 1024
_LONGEST = 1000
_DEEPEST = 64


@frozen
class WritePlace(Data):
    """A file that may be written. `folders` are its missing folders, the outermost first, each with a `/`."""

    path: str
    exists: bool
    folders: tuple[str, ...] = ()
    mode: int | None = None


def normal_path(arguments: Mapping[str, Any]) -> str:
    """Return the path that rules are matched with: without `.` and double slashes; empty if it can never be written."""
    try:
        return "/".join(_names(str(arguments.get("path", ""))))
    except ToolFailure:
        return ""


def find_place(root: Path, path: str) -> WritePlace:
    """Return the place of this path below the real root. Raises `ToolFailure` if nothing may be written there."""
    names = _names(path)
    if any(map(is_closed, names)):
        raise ToolFailure(f"'{path}' is a hidden file or may hold a key; such files are never written")
    folders: list[str] = []
    try:
        for number, name in enumerate(names, start=1):
            here = "/".join(names[:number])
            found = None if folders else _find(root, names[: number - 1], name)
            if number == len(names):
                return _file(here, found, tuple(folders))
            if found is None:
                folders.append(f"{here}/")
            elif stat.S_ISLNK(found.st_mode):
                raise ToolFailure(f"{here} is a link, and nothing is written through a link; write to what it leads to")
            elif not stat.S_ISDIR(found.st_mode):
                raise ToolFailure(f"{here} is a file, not a folder")
    except OSError as error:
        raise ToolFailure(describe_error(path, error)) from None
    raise ToolFailure("the path of the file is empty")


def _names(path: str) -> tuple[str, ...]:
    """Return the names of a path. Raises `ToolFailure` for a path that leads out or that nobody can read."""
    shown = path if len(path) <= 80 else f"{path[:80]}…"
    if not path.strip() or len(path) > _LONGEST or path.count("/") > _DEEPEST:
        raise ToolFailure("the path of the file is empty" if not path.strip() else f"the path '{shown}' is too long")
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Cf", "Zl", "Zp") for sign in path):
        raise ToolFailure("the path has signs that cannot be seen (control, direction or tag characters)")
    pure = PurePosixPath(path)
    if pure.is_absolute() or Path(path).is_absolute() or Path(path).drive or (os.name == "nt" and ":" in path):
        raise ToolFailure(f"'{shown}' is an absolute path; write the path below the working directory")
    if ".." in pure.parts or (os.name == "nt" and ".." in Path(path).parts):
        raise ToolFailure(f"'{shown}' goes up by '..'; write the path below the working directory")
    if pure.parts and pure.parts[0].startswith("~"):
        raise ToolFailure(f"'{shown}' lies outside the working directory; only what is below it can be written")
    if not pure.parts or path.endswith("/"):
        raise ToolFailure(f"'{shown}' is a folder; write the path of a file")
    return pure.parts


def _find(root: Path, parents: tuple[str, ...], name: str) -> os.stat_result | None:
    """Return the stat result of this name; None if it is free. Raises `ToolFailure` if a name like it is taken."""
    folder = root.joinpath(*parents)
    there = [entry.name for entry in below.entries(root, folder)]
    if name in there:
        return below.facts(root, folder / name)
    twin = next((other for other in there if _fold(other) == _fold(name)), None)
    if twin is not None:
        raise ToolFailure(f"there is '{'/'.join((*parents, twin))}', whose name is the same but for its case; use it")
    if len(os.fsencode(name)) > 255:
        raise ToolFailure(f"the name '{name[:60]}…' is too long")
    return None


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _file(path: str, found: os.stat_result | None, folders: tuple[str, ...]) -> WritePlace:
    if found is None:
        return WritePlace(path, False, folders)
    if stat.S_ISLNK(found.st_mode):
        raise ToolFailure(f"{path} is a link, and nothing is written through a link; write to the file it leads to")
    if stat.S_ISDIR(found.st_mode):
        raise ToolFailure(f"{path} is a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise ToolFailure(f"{path} is a pipe, a socket or a device, not a file")
    if found.st_size > MAX_FILE_BYTES:
        raise ToolFailure(f"{path} has {found.st_size} bytes; at most {MAX_FILE_BYTES} can be changed")
    return WritePlace(path, True, (), stat.S_IMODE(found.st_mode))
