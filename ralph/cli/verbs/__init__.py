"""The verbs of the command line, one file each: `ralph NAME` is `NAME.py`, listed without being imported.

A file has its line in the help (`SUMMARY`), `add(parser)` for its arguments, and `run(given, signals)`, which returns
the exit code.
"""

from __future__ import annotations

import importlib
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from ralph.headless.signals import Signals

# The order in the help: the most needed verbs first; other verbs follow them.
_FIRST = (
    "timelines", "show", "replay", "fork", "rerun", "export", "delete", "usage", "models", "providers", "doctor",
    "config", "keys", "db",
)  # fmt: skip


class Verb(Protocol):
    """The members of a verb's file. A failure is raised as a `Failure`."""

    SUMMARY: str

    def add(self, parser: ArgumentParser) -> None: ...

    def run(self, given: Namespace, signals: Signals) -> int: ...


def names() -> tuple[str, ...]:
    """Return every verb, in the order of the help."""
    files = [file.removesuffix(".py") for folder in __path__ for file in os.listdir(folder) if file.endswith(".py")]
    return tuple(sorted({name for name in files if not name.startswith("_")}, key=_place))


def load(name: str) -> Verb:
    """Return the verb of this name."""
    return cast(Verb, importlib.import_module(f"{__name__}.{name}"))


def in_lines(words: Iterable[str], width: int) -> str:
    """Return `  ralph timelines | show | …`, in lines of at most `width` characters."""
    lines = ["  ralph"]
    for n, word in enumerate(words):
        part = f" | {word}" if n else f" {word}"
        if len(lines[-1] + part) > width:
            lines.append("       ")
        lines[-1] += part
    return "\n".join(lines)


def _place(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)
