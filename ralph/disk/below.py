"""Opens files and folders below the working directory, and nowhere else.

A path that was checked may change before it is opened: another process may put a link in its place. So each name is
opened below the handle of its parent folder, and no link is followed on the way. A link that was there before leads to
a real path, which is checked and opened in the same way.

Windows has no such handles. There the file is opened by its path, and the path is checked again while the file is
open: it must still be the same file, and still lie below the root.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ralph.core.data import Data, frozen

HAS_HANDLES = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
_FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Elsewhere(OSError):
    """The path is not below the root, or it changed during the check."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EXDEV, "it changed while it was opened", os.fspath(path))


@frozen
class Entry(Data):
    """An entry of a folder, as it was when the folder was read."""

    name: str
    link: bool
    folder: bool


@contextlib.contextmanager
def open_below(root: Path, path: Path) -> Iterator[int]:
    """Yield a descriptor of the file at this real path below the real root; never waits for a pipe or a device.

    Raises `OSError`, also for a link.
    """
    descriptor = _open(root, path, _FILE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def open_folder(root: Path, path: Path) -> Iterator[int]:
    """Yield a descriptor of the folder at this real path, for system calls with `dir_fd`. Raises `OSError`."""
    descriptor = _open(root, path, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def entries(root: Path, path: Path) -> list[Entry]:
    """Return the entries of the folder at this real path. Raises `OSError`."""
    if not HAS_HANDLES:
        with os.scandir(path) as found:
            return [Entry(e.name, e.is_symlink(), e.is_dir(follow_symlinks=False)) for e in found]
    descriptor = _open(root, path, _FOLDER)
    try:
        with os.scandir(descriptor) as found:
            return [Entry(e.name, e.is_symlink(), e.is_dir(follow_symlinks=False)) for e in found]
    finally:
        os.close(descriptor)


def facts(root: Path, path: Path) -> os.stat_result:
    """Return the stat result of this real path; for a link, its own. Raises `OSError`."""
    if path == root or not HAS_HANDLES:
        return os.lstat(path)
    folder = _open(root, path.parent, _FOLDER)
    try:
        return os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    finally:
        os.close(folder)


def _open(root: Path, path: Path, flags: int) -> int:
    try:
        names = path.relative_to(root).parts
    except ValueError:
        raise Elsewhere(path) from None
    if ".." in names:
        raise Elsewhere(path)
    if not HAS_HANDLES:
        return _open_and_look_again(root, path, flags)
    current = os.open(root, _FOLDER)
    try:
        for number, name in enumerate(names, start=1):
            how = flags if number == len(names) else _FOLDER
            current, before = os.open(name, how | _NO_LINK, dir_fd=current), current
            os.close(before)
    except OSError:
        os.close(current)
        raise
    return current


def _open_and_look_again(root: Path, path: Path, flags: int) -> int:
    """Open by path and check again. A fast attacker may still get in between; no better way is known there."""
    descriptor = os.open(path, flags)
    try:
        there, real = os.lstat(path), path.resolve()
        same = os.path.samestat(os.fstat(descriptor), there) and not stat.S_ISLNK(there.st_mode)
        if not same or not real.is_relative_to(root):
            raise Elsewhere(path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
