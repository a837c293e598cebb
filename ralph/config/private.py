"""Files and folders that only their owner can read, whatever the umask is, and never through a link."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

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
