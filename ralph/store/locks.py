"""One writer per timeline: the kernel frees the lock file whenever the process ends."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ralph.config.private import lock_descriptor, make_folder, open_file
from ralph.core.errors import StoreFailure


class Lock:
    """A held lock. `release` releases it, and so does the kernel when the process ends in any way."""

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    def release(self) -> None:
        """Release the lock and remove its file; a second call does nothing."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError):
            self._path.unlink()  # while the lock is held, so that nobody locks the removed file; see `take`
        os.close(fd)


class Free:
    """Stands for a lock if the database is read-only and needs none."""

    def release(self) -> None:
        """Do nothing, since no lock is held."""


class Locks:
    """The lock files beside one database."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def take(self, name: str, *, wait: bool = False) -> Lock | None:
        """Return the lock. Return None if another process or opening holds it, unless `wait` is set.

        Raises `StoreFailure` if nothing can be written.
        """
        path = self._directory / name
        while True:
            fd = self._open(path)
            try:
                lock_descriptor(fd, wait)
                if _same_file(fd, path):
                    return Lock(path, fd)
            except OSError:
                os.close(fd)
                return None
            os.close(fd)  # the previous holder removed this file between the open and the lock

    def _open(self, path: Path) -> int:
        try:
            make_folder(self._directory)
            return open_file(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise StoreFailure(
                f"{path} could not be made: {error.strerror}; check the directory, or set RALPH_DATA_DIR"
            ) from error

    def is_held(self, name: str) -> bool:
        """Return whether anybody holds the lock now. Never creates the file; an unreadable file gives False."""
        if not (self._directory / name).exists():
            return False
        try:
            lock = self.take(name)
        except StoreFailure:
            return False
        if lock is None:
            return True
        lock.release()
        return False


def _same_file(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
