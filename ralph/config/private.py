"""Files and folders that only their owner can read, whatever the umask is, and never through a link."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def lock_descriptor(fd: int, wait: bool) -> None:
        """Hold the file of this descriptor until it is closed. Raises `OSError` where another one holds it."""
        msvcrt.locking(fd, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock_descriptor(fd: int, wait: bool) -> None:
        """Hold the file of this descriptor until it is closed. Raises `OSError` where another one holds it."""
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


FILE, FOLDER = 0o600, 0o700
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has none


def make_folder(path: Path) -> None:
    """Make it and what is missing above it, each of mode 0700. What exists stays as it is. Raises `OSError`."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        if path.parent == path:
            break
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(FOLDER, exist_ok=True)


def open_file(path: str | Path, flags: int) -> int:
    """A descriptor of a file of mode 0600; a wider one that exists is tightened. Raises `OSError`, for a link too."""
    descriptor = os.open(path, flags | _NO_LINK, FILE)
    tighten(descriptor)
    return descriptor


def tighten(what: int | Path) -> None:
    """Take all rights of others. Only of a file: what a link points to, a device or a file of another stay."""
    with contextlib.suppress(OSError, NotImplementedError):
        mode = (os.fstat(what) if isinstance(what, int) else os.lstat(what)).st_mode
        if stat.S_ISREG(mode) and mode & 0o077:
            os.chmod(what, FILE)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, whole or not at all; what stood there before stays until then. Raises `OSError`."""
    make_folder(path.parent)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(open_file(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            made.unlink()
        raise


@contextlib.contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """While this is open no other process, and no other thread, changes the file. Waits for it. Raises `OSError`."""
    make_folder(path.parent)
    descriptor = open_file(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT)
    try:
        lock_descriptor(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)


def set_aside(path: Path) -> Path | None:
    """A file that cannot be read gets another name, so that it is told once and not lost; None where that failed."""
    aside = path.with_name(f"{path.name}.broken")
    try:
        path.replace(aside)
    except OSError:
        return None
    return aside
