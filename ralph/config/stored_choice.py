"""The model that ralph chose by itself, kept in a small file beside the database."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from ralph.config.private import write_whole
from ralph.core.ports.discovery import StoredChoice

log = logging.getLogger("ralph.config")

FIELDS = ("provider", "model", "kind", "base_url", "at")


def read(path: Path) -> StoredChoice | None:
    """Return the choice; None if there is none, or if the file cannot be read, which is logged."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        log.warning("%s could not be read: %s", path, error)
        return None
    try:
        given = json.loads(text)
        values = [given[name] for name in FIELDS]
    except (ValueError, KeyError, TypeError):
        values = []
    if not values or not all(isinstance(v, str) and v for v in values):
        log.warning("%s is no stored choice; ralph goes on without it", path)
        return None
    return StoredChoice(*values)


def write(path: Path, choice: StoredChoice) -> None:
    """Keep the choice, completely or not at all, readable by its owner only. Raises `OSError`."""
    text = json.dumps({name: getattr(choice, name) for name in FIELDS}, indent=1) + "\n"
    write_whole(path, text.encode())
