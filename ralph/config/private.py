"""Files and folders that only their owner can read, whatever the umask, and never through a link."""

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
        """Lock the file of this descriptor until it is closed. Raises `OSError` if another process holds it."""
        msvcrt.locking(fd, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock_descriptor(fd: int, wait: bool) -> None:
        """Lock the file of this descriptor until it is closed. Raises `OSError` if another process holds it."""
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


FILE, FOLDER = 0o600, 0o700
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has none


def make_folder(path: Path) -> None:
    """Create a folder and its missing parents, each with mode 0700. Existing ones are unchanged. Raises `OSError`."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        if path.parent == path:
            break
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(FOLDER, exist_ok=True)


def open_file(path: str | Path, flags: int) -> int:
    """Return a descriptor of a file with mode 0600; a wider mode is tightened. Raises `OSError`, also for a link."""
    descriptor = os.open(path, flags | _NO_LINK, FILE)
    tighten(descriptor)
    return descriptor


def tighten(what: int | Path) -> None:
    """Remove all rights of others, but only of an own regular file, not of a link's target or a device."""
    with contextlib.suppress(OSError, NotImplementedError):
        mode = (os.fstat(what) if isinstance(what, int) else os.lstat(what)).st_mode
        if stat.S_ISREG(mode) and mode & 0o077:
            os.chmod(what, FILE)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file with mode 0600, completely or not at all; the old file stays until then. Raises `OSError`."""
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
    """Keep other processes and threads from changing the file while the block is open. Waits. Raises `OSError`."""
    make_folder(path.parent)
    descriptor = open_file(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT)
    try:
        lock_descriptor(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)


def set_aside(path: Path) -> Path | None:
    """Rename an unreadable file, so that it is reported once and not lost; return None if that failed."""
    aside = path.with_name(f"{path.name}.broken")
    try:
        path.replace(aside)
    except OSError:
        return None
    return aside
