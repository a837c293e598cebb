"""Reads the configuration keys with their defaults and comments from the shipped example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ralph.core.data import Data, frozen

_PACKAGE = Path(__file__).resolve().parent.parent
_KEY = re.compile(r"( *)([a-z_]+):(?: +([^#\s][^#]*?))?\s*(?:# *(.*))?")
_MORE = re.compile(r"\s+# +(.*)")


@frozen
class DocumentedSetting(Data):
    """A documented key. `key` is dotted: `retry.deadline_s`. `default` is YAML, or empty for a group of keys."""

    key: str
    default: str
    comment: str


@lru_cache(maxsize=1)
def settings() -> Mapping[str, DocumentedSetting]:
    """Return the settings by dotted key; empty if the example is missing."""
    shipped = _PACKAGE / "data" / "config.example.yaml"
    path = shipped if shipped.is_file() else _PACKAGE.parent / "config.example.yaml"
    return read_settings(path.read_text(encoding="utf-8")) if path.is_file() else {}


def read_settings(text: str) -> Mapping[str, DocumentedSetting]:
    """Return the keys that are not commented out. A comment may continue in the lines below its key."""
    found: dict[str, DocumentedSetting] = {}
    above: list[tuple[int, str]] = []
    last = ""
    for line in text.splitlines():
        more = _MORE.fullmatch(line)
        if more and last:
            found[last] = DocumentedSetting(
                last, found[last].default, f"{found[last].comment} {more[1].strip()}".strip()
            )
            continue
        written = _KEY.fullmatch(line)
        if not written:
            last = ""
            continue
        above = [(indent, key) for indent, key in above if indent < len(written[1])]
        above.append((len(written[1]), written[2]))
        last = ".".join(key for _, key in above)
        found[last] = DocumentedSetting(last, (written[3] or "").strip(), (written[4] or "").strip())
    return found
