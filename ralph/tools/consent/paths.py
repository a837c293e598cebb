"""Matches a path with a glob, after links and `..` are resolved."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from functools import lru_cache
from pathlib import Path

from ralph.core.data import Data, frozen

# These systems find a file by another spelling of its name too.
_ONE_CASE = sys.platform in ("darwin", "win32")


@frozen
class Place(Data):
    """A path of a call: as written and with its links resolved, each relative to the root where it is below it."""

    written: str
    real: str
    inside: bool
    """Whether the resolved path is below the working directory."""
    absolute: str


def find_place(text: str, root: Path) -> Place | None:
    """Return the place that the path means; None if no path can be read from it."""
    try:
        base = root.resolve()
        real = (base / text).resolve()
        written = os.path.normpath(base / text)
    except (OSError, ValueError, RuntimeError):
        return None
    inside = real == base or base in real.parents
    shown = real.relative_to(base) if inside else real
    lexical = Path(written)
    short = lexical.relative_to(base) if lexical == base or base in lexical.parents else lexical
    return Place(short.as_posix(), shown.as_posix(), inside, real.as_posix())


def covers_path(glob: str, text: str, root: Path) -> bool:
    """Return whether an allow rule with this glob covers the path: its resolved place has to match."""
    place = find_place(text, root)
    if place is None or ".." in glob.split("/"):
        return False
    if glob.startswith("/"):
        return bool(_pattern(glob).fullmatch(place.absolute))
    return place.inside and bool(_pattern(_trim(glob)).fullmatch(place.real))


def touches_path(glob: str, text: str, root: Path) -> bool:
    """Return whether a deny or ask rule with this glob is about the path: as written or resolved, it or a folder of
    it."""
    place = find_place(text, root)
    names = [text] if place is None else [place.written, place.real, place.absolute]
    pattern = _pattern(_fold(_trim(glob)))
    return any(pattern.fullmatch(_fold(part)) for name in names for part in _upwards(name))


def escape_glob(path: str) -> str:
    """Return a glob that matches exactly this path."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _upwards(name: str) -> list[str]:
    path = Path(name)
    return [name, path.as_posix(), *(folder.as_posix() for folder in path.parents if folder.name)]


def _trim(glob: str) -> str:
    return glob.removeprefix("./") or "."


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return text.casefold() if _ONE_CASE else text


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    """Return the glob as an expression: `*` and `?` do not cross `/`; `**` does, as a whole part."""
    made, at = "", 0
    while at < len(glob):
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            made, at = made + "(?:[^/]+/)*", at + 3
        elif glob[at:] == "**" and (at == 0 or glob[at - 1] == "/"):
            made, at = made + ".+", at + 2
        elif glob[at] == "*":
            made, at = made + "[^/]*", at + 1
        elif glob[at] == "?":
            made, at = made + "[^/]", at + 1
        elif glob[at] == "[" and (end := glob.find("]", at + 2)) > 0:
            inner = glob[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[").replace("/", "")
            made, at = made + (f"[^/{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"), end + 1
        else:
            made, at = made + re.escape(glob[at]), at + 1
    try:
        return re.compile(made, re.DOTALL)
    except re.error:
        return re.compile(re.escape(glob), re.DOTALL)
