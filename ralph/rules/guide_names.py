"""Names that ralph defines: slash commands, flags, keys of the keyboard, keys of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ralph.rules.guide_pages import questions
from ralph.rules.guide_settings import DocumentedSetting, settings

_COMMANDS = Path(__file__).resolve().parent.parent / "commands"
_NAME = re.compile(
    r"(?<!\S)[`'\"(]?(/[a-z]+|--[a-z][a-z-]+|(?:ctrl|alt|shift)[+-]\S+?|f\d\d?|esc|pageup|pagedown|[a-z]+(?:[._][a-z]+)+)"
    r"[`'\"),]?(?=[?.!,;:]?(?:\s|$))",
    re.IGNORECASE,
)
_ROW = re.compile(r"^\| ([A-Z].*?) \| (.+?) \|$", re.MULTILINE)  # a heading has small letters


def names_in(text: str) -> tuple[str, ...]:
    """Return ralph's names in the text, in the form in which `guides` looks them up, each once."""
    found = (name.lower() for name in _NAME.findall(text))
    return tuple(dict.fromkeys(known for name in found if (known := _find_key(name))))


def without_names(text: str) -> str:
    """Return the text without these names."""
    return _NAME.sub(" ", text)


def _find_key(name: str) -> str:
    if name.startswith("/"):
        return name if name[1:] in _command_names() or name in _find_names() else ""
    if name.startswith("--"):
        return name if name in _find_names() else ""
    if setting := find_setting(name):
        return setting.key
    key = name.replace("-", "+")
    return key if key in default_keys() else ""


def find_setting(name: str) -> DocumentedSetting | None:
    """Return the configuration key of this name, or the only key whose last part is this name."""
    if name in settings():
        return settings()[name]
    ends = [s for key, s in settings().items() if key.endswith(f".{name}")]
    return ends[0] if len(ends) == 1 else None


@lru_cache(maxsize=1)
def default_keys() -> Mapping[str, tuple[str, str]]:
    """Map each key of the guide's table, in small letters, to its spelling and its action."""
    rows = (row for section in questions() for row in _ROW.findall(section.text))
    return {key.lower(): (key, what) for keys, what in rows for key in keys.split(", ")}


@lru_cache(maxsize=1)
def _command_names() -> frozenset[str]:
    """Return the commands by file name, without importing them."""
    return frozenset(f.stem for f in _COMMANDS.glob("*.py") if not f.stem.startswith("_"))


@lru_cache(maxsize=1)
def _find_names() -> frozenset[str]:
    """Return the commands and flags that the answers name."""
    return frozenset(re.findall(r"(?<![\w/.-])(?:/|--)[a-z][a-z-]*", " ".join(s.text for s in questions())))
