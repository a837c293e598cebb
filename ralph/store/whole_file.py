"""Writes a file completely or not at all: under another name in the same folder, then renamed."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ralph.config.private import lock_descriptor, open_file

BESIDE = ("-journal", "-wal", "-shm")


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield an empty file (mode 0600) to write to. It becomes `target` when the block ends well, else it is removed.

    Files that a killed process left are removed. Raises `OSError`, also if the target exists and is not a file.
    """
    target = Path(os.path.realpath(target))
    if target.exists() and not target.is_file():
        raise OSError(errno.EEXIST, "something that is not a file is in its place")
    _sweep(target)
    made = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    descriptor = open_file(made, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        # The kernel frees the lock when the process ends. Closing the file earlier would drop SQLite's own locks on it.
        lock_descriptor(descriptor, wait=False)
        yield made
        os.fsync(descriptor)
        made.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            _remove(made)
        raise
    finally:
        os.close(descriptor)
    _sync(target.parent)


def _sweep(target: Path) -> None:
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        with contextlib.suppress(OSError):
            descriptor = open_file(left, os.O_RDWR)
            try:
                lock_descriptor(descriptor, wait=False)
                _remove(left)
            finally:
                os.close(descriptor)


def _remove(made: Path) -> None:
    """Remove the file, and the files that SQLite writes beside it."""
    for name in (*(f"{made.name}{end}" for end in BESIDE), made.name):
        made.with_name(name).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Write the new name to the disk too."""
    if sys.platform == "win32":  # pragma: no cover - a folder cannot be opened there
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
