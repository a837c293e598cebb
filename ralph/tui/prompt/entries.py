"""The entries of a folder, and the names that a message can contain."""

from __future__ import annotations

from os import DirEntry, scandir
from pathlib import Path

from ralph.tui.text import clean


def read_entries(folder: Path) -> list[DirEntry[str]]:
    """Return the entries sorted by name; none if the folder cannot be read."""
    try:
        with scandir(folder) as entries:
            return sorted(entries, key=lambda e: e.name.casefold())
    except OSError:
        return []


def can_be_named(name: str) -> bool:
    """Return whether a message can name this file: no quote, no newline, no control or invisible character."""
    return not {'"', "\n"} & set(name) and clean(name) == name
