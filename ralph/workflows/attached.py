"""Reads the files that a person sends with a message, or refuses them with a sentence.

A person may name files outside the working directory; a model may not (`ralph.tools`).
"""

from __future__ import annotations

from collections.abc import Sequence
from os import path as paths
from os import stat_result
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import plural
from ralph.core.llm.tool import ToolFailure
from ralph.core.unicode import whole
from ralph.tools._paths import Closed, Missing, Outside, Walk, format_path, inside, is_closed, is_folder, real, regular
from ralph.tools._text import content, counts, fence_code

MAX_BYTES = 256 * 1024
MAX_ENTRIES = 300
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".ico", ".avif"})


@frozen
class AttachedText(Data):
    """A file or a folder's listing in the form in which the model receives it."""

    path: str
    size: str
    text: str


class NeedsYes(Failure):
    """The person named a file that may hold a key, or a link that leads out: it is sent only after a yes."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(Kind.USAGE, f"'{path}' {why}; it is sent only if you say yes")
        self.path = path
        self.why = why


@frozen
class _Place(Data):
    """A file or folder with all links followed, the folder below which it is opened, and its name for a person."""

    path: Path
    root: Path
    name: str


def enclose(root: Path, path: str, *, allowed: bool = False) -> AttachedText:
    """Read a file, or list a folder. `root` is the working directory; `~/` is the home directory.

    Raises `Failure` with the reason: `NOT_FOUND` for a missing file, and `NeedsYes` for a file that may hold a key,
    unless `allowed` is set.
    """
    try:
        place = _place(real(root), path, allowed=allowed)
        return _listing(place) if is_folder(place.path, place.root) else _file(place)
    except Missing as failure:
        raise Failure(Kind.NOT_FOUND, str(failure)) from None
    except ToolFailure as failure:
        raise Failure(Kind.USAGE, str(failure)) from None


def together(context: str, files: Sequence[AttachedText]) -> str:
    """Return the context of a message: the text of a pipe, then each file once."""
    return "\n\n".join(part for part in (context, *{file.path: file.text for file in files}.values()) if part)


def _place(base: Path, path: str, *, allowed: bool) -> _Place:
    """Return the place of a path. Raises `ToolFailure` or `NeedsYes`."""
    written = _with_home(whole(path).strip())
    try:
        found = inside(base, written)
        return _Place(found, base, format_path(found, base))
    except Closed:
        return _anywhere(base, written, path, "is a hidden file or may hold a key", allowed=allowed)
    except Outside:
        leads_out = Path(paths.normpath(base / written)).is_relative_to(base)
        why = "is a link that leads out of the working directory" if leads_out else ""
        return _anywhere(base, written, path, why, allowed=allowed)


def _with_home(path: str) -> str:
    return paths.expanduser(path) if path == "~" or path.startswith("~/") else path


def _anywhere(base: Path, written: str, path: str, why: str, *, allowed: bool) -> _Place:
    lexical = Path(paths.normpath(base / written))
    try:
        found = lexical.resolve(strict=True)
    except FileNotFoundError:
        raise Missing(f"there is no file or folder '{path}'") from None
    except (OSError, RuntimeError) as error:
        told = getattr(error, "strerror", None) or "it cannot be followed"
        raise ToolFailure(f"'{path}' cannot be read: {told}") from None
    if not why and any(is_closed(name) for one in (lexical, found) for name in _below_common(base, one)):
        why = "is a hidden file or may hold a key"
    if why and not allowed:
        raise NeedsYes(path, why)
    name = whole(path.strip()).rstrip("/") or "/"
    name = f"`{name}`" if any(sign in name for sign in "_*`[<~") else name
    return _Place(found, found if found.is_dir() else found.parent, name)


def _below_common(base: Path, path: Path) -> Sequence[str]:
    """Return the names below the last common folder: the names above it are the person's own."""
    common = paths.commonpath([base, path]) if base.drive == path.drive else path.anchor
    return path.relative_to(common).parts


def _file(place: _Place) -> AttachedText:
    name, facts = place.name, regular(place.path, place.root)
    if place.path.suffix.lower() in IMAGES:
        raise Failure(Kind.USAGE, f"{name} is an image; ralph does not carry images to a model yet")
    if facts and facts.st_size > MAX_BYTES:
        raise Failure(
            Kind.USAGE,
            f"{name} has {_kib(facts)}, which is more than the {MAX_BYTES // 1024} KiB that a message can carry",
        )
    text = content(place.path, name, place.root)
    size = plural(counts(text, 0)["lines"], "line")
    return AttachedText(name.strip("`"), size, f"{name} ({size}):\n{fence_code(text)}")


def _listing(place: _Place) -> AttachedText:
    root, found = place.root, place.path
    name = "the working directory" if place.name == "." else _as_folder(place.name)
    entries = [whole(p.name) + ("/" if is_folder(p, root) else "") for p in Walk(root, found, recursive=False)]
    size = plural(len(entries), "entry").replace("entrys", "entries")
    more: Sequence[str] = [f"… and {len(entries) - MAX_ENTRIES} more"] if len(entries) > MAX_ENTRIES else []
    lines = "\n".join([*entries[:MAX_ENTRIES], *more])
    return AttachedText(name.strip("`"), size, f"{name} ({size}):\n{fence_code(lines)}")


def _as_folder(name: str) -> str:
    """Return the name with a slash, also inside code marks."""
    bare = name.strip("`")
    return name.replace(bare, f"{bare.rstrip('/')}/")


def _kib(facts: stat_result) -> str:
    return f"{facts.st_size / 1024:,.0f} KiB"
