"""One writer a timeline: a lock file that the kernel frees at any death of its process."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ralph.config.private import lock_descriptor, make_folder, open_file
from ralph.core.errors import StoreFailure


class Lock:
    """A held lock. Released by `release`, or by the kernel when the process dies in any way."""

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    def release(self) -> None:
        """Let go and remove the file; a second call does nothing."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError):
            self._path.unlink()  # while held, so that nobody can lock the dead file; see `take`
        os.close(fd)


class Free:
    """In place of a lock, where nothing can be written and so nothing must be kept from others."""

    def release(self) -> None:
        """Nothing is held."""


class Locks:
    """The lock files of one database, beside it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def take(self, name: str, *, wait: bool = False) -> Lock | None:
        """The lock, or None if another process (or another opening in this one) holds it and `wait` is not set.

        Raises `StoreFailure` where nothing can be written.
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
            os.close(fd)  # the holder before us removed this file between our open and our lock

    def _open(self, path: Path) -> int:
        try:
            make_folder(self._directory)
            return open_file(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise StoreFailure(
                f"{path} could not be made: {error.strerror}; check the directory, or set RALPH_DATA_DIR"
            ) from error

    def is_held(self, name: str) -> bool:
        """Whether somebody holds the lock now. Never creates the file; one that cannot be opened tells nothing."""
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
