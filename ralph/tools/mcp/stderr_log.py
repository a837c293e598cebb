"""The standard error of a server: a file beside ralph's log, and its last lines."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TextIO

from ralph.config.private import make_folder, open_file

SHOWN_LINES = 20
# A file that has grown over this is begun again at the next start of the server.
MAX_BYTES = 1_000_000
_TAIL_BYTES = 16_384


class StderrLog:
    """The file of one server."""

    def __init__(self, folder: Path, server: str) -> None:
        self.path = folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', server)}.log"

    def open(self) -> TextIO:
        """Open the file for a process to write to. Raises `OSError`."""
        make_folder(self.path.parent)
        large = self.path.exists() and self.path.stat().st_size > MAX_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if large else 0)
        return open(open_file(self.path, flags), "a", encoding="utf-8", errors="replace")

    def read_tail(self) -> tuple[str, ...]:
        """Return the last lines, at most `SHOWN_LINES`; none without a file."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, self.path.stat().st_size - _TAIL_BYTES))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ()
        return tuple(lines[-SHOWN_LINES:])
