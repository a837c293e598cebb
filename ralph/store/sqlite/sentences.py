"""The border to SQLite: its errors become sentences."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ralph.core.errors import StoreFailure

BUSY_MS = 10_000
# How many seconds retries make sense: another program may release its lock, or somebody may free disk space.
LOCKED_S = 60.0
SHARED_MEMORY = 32_768
FULL_S = 3.0


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Raise `StoreFailure` for any error of SQLite."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        raise failure(path, error) from error
    except OSError as error:
        raise StoreFailure(f"{path} could not be written: {error.strerror or error}") from error


def failure(path: Path, error: Exception) -> StoreFailure:
    """Return the failure that explains the error to a person."""
    text = str(error)
    if "disk I/O error" in text and _no_room(path):
        text = "database or disk is full"
    for words, sentence, worth_s in _SENTENCES:
        if any(word in text for word in words):
            return StoreFailure(sentence.format(path=path, text=text), worth_s=worth_s)
    return StoreFailure(f"{path}: {text}")


def _no_room(path: Path) -> bool:
    """Return whether the disk is full: SQLite only says that it could not create its shared memory."""
    try:
        return shutil.disk_usage(path.parent).free < SHARED_MEMORY
    except OSError:
        return False


_SENTENCES = (
    (
        ("not a database", "malformed"),
        "{path} is damaged or is not a ralph database ({text}); move it away, or restore the backup beside it",
        0.0,
    ),
    (("full",), "{path} could not be written: the disk is full", FULL_S),
    (
        ("readonly", "unable to open"),
        "{path} could not be opened for writing ({text}); check its permissions, or set RALPH_DATA_DIR",
        0.0,
    ),
    (("locked", "busy"), f"{{path}} stayed locked by another program for {BUSY_MS // 1000} s", LOCKED_S),
    (("no such table",), "{path} lacks a part of itself ({text}); `ralph doctor --rebuild` rebuilds it", 0.0),
    (("disk I/O error",), "{path} could not be read or written ({text}); is the disk full, or gone?", FULL_S),
)
