"""Files that go along with a message: named in it as `@path`, or attached to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import stat_result
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import plural
from ralph.core.llm.tool import ToolFailure
from ralph.core.unicode import whole
from ralph.tools._paths import Walk, inside, is_folder, real, regular, shown
from ralph.tools._text import content, counts, fenced
from ralph.tui.prompt.pasted import SIGN, plain

MAX_BYTES = 256 * 1024
MAX_ENTRIES = 300
MAX_NAMED = 20
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".ico", ".avif"})
_NAMED = re.compile(rf'(?:^|(?<=\s))@(?:"([^"\n]+)"|([^\s"@{SIGN}]+))')
# What ends a sentence and no path.
_BEHIND = ",;:!?)]}'\".…”’»、。，；：！？）」』】》"


@frozen
class AttachedText(Data):
    """A file or a folder's listing as it goes to the model."""

    path: str
    size: str
    text: str


def named(message: str) -> tuple[str, ...]:
    """The paths that a message names, each once. Where its @ was pasted, it names none."""
    return tuple(dict.fromkeys(plain(quoted or bare) for quoted, bare in _NAMED.findall(message)))


def enclose(root: Path, path: str) -> AttachedText:
    """Read a file, or list a folder. Raises `Failure`, with a sentence that says why it does not go along."""
    try:
        root = real(root)
        found = inside(root, path)
        return _listing(found, root) if is_folder(found, root) else _file(found, root)
    except ToolFailure as failure:
        raise Failure(Kind.NOT_FOUND, str(failure)) from None


def gather(root: Path, message: str) -> tuple[tuple[AttachedText, ...], tuple[str, ...]]:
    """What the message names, and a sentence for each name that stays plain text."""
    enclosed: list[AttachedText] = []
    missed: list[str] = []
    for path in named(message)[:MAX_NAMED]:
        try:
            enclosed.append(_meant(root, path))
        except Failure as failure:
            missed.append(failure.message)
    return tuple(dict.fromkeys(enclosed)), tuple(missed)


def _meant(root: Path, path: str) -> AttachedText:
    """A path at the end of a sentence is followed by its full stop."""
    try:
        return enclose(root, path)
    except Failure:
        bare = path.rstrip(_BEHIND)
        if not bare or bare == path:
            raise
        return enclose(root, bare)


def _file(found: Path, root: Path) -> AttachedText:
    name, facts = shown(found, root), regular(found, root)
    if found.suffix.lower() in IMAGES:
        raise Failure(Kind.USAGE, f"{name} is an image; ralph does not carry images to a model yet")
    if facts and facts.st_size > MAX_BYTES:
        raise Failure(
            Kind.USAGE, f"{name} has {_kib(facts)}, which is more than the {MAX_BYTES // 1024} KiB that go along"
        )
    text = content(found, name, root)
    size = plural(counts(text, 0)["lines"], "line")
    return AttachedText(name.strip("`"), size, f"{name} ({size}):\n{fenced(text)}")


def _listing(found: Path, root: Path) -> AttachedText:
    name = "the working directory" if found == root else shown(found, root) + "/"
    entries = [whole(p.name) + ("/" if is_folder(p, root) else "") for p in Walk(root, found, recursive=False)]
    size = plural(len(entries), "entry").replace("entrys", "entries")
    more: Sequence[str] = [f"… and {len(entries) - MAX_ENTRIES} more"] if len(entries) > MAX_ENTRIES else []
    lines = "\n".join([*entries[:MAX_ENTRIES], *more])
    return AttachedText(name.strip("`"), size, f"{name} ({size}):\n{fenced(lines)}")


def _kib(facts: stat_result) -> str:
    return f"{facts.st_size / 1024:,.0f} KiB"
