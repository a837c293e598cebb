"""The files that a message names as `@path`, told apart from an `@` in plain text."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Collection
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.rules import paths
from ralph.tui.prompt.pasted import SIGN, plain
from ralph.workflows.attached import AttachedText, NeedsYes, enclose

MAX_NAMED = 20
_NAMED = re.compile(rf'(?:^|(?<=\s))@(?:"([^"\n]+)"|([^\s"@{SIGN}]+))')
# Characters that end a sentence, but no path.
_BEHIND = ",;:!?)]}'\".…”’»、。，；：！？）」』】》"
# Beginnings that only folders and files have.
_BEGINNINGS = ("/", "./", "../", "~/")


@frozen
class NamedFiles(Data):
    """The files that a message takes along, and the reasons why other names take none.

    `texts` are sentences for names that may be words, such as a person's or a package's: they are sent as text.
    `asking` wait for a yes. `refused` stop the message.
    """

    enclosed: tuple[AttachedText, ...] = ()
    texts: tuple[str, ...] = ()
    asking: tuple[NeedsYes, ...] = ()
    refused: tuple[Failure, ...] = ()


def find_paths(message: str) -> tuple[str, ...]:
    """Return the paths that a message names, each once. An `@` in a paste names no path."""
    return tuple(_find_paths(message))


def _find_paths(message: str) -> dict[str, bool]:
    """Return each path, and whether it was quoted."""
    return {plain(quoted or bare): bool(quoted) for quoted, bare in _NAMED.findall(message)}


def gather(root: Path, message: str, allowed: Collection[str] = (), servers: Collection[str] = ()) -> NamedFiles:
    """Read the files that the message names. The `allowed` files may hold keys. A name that begins with one of
    `servers` and a colon is a resource, and not a file."""
    enclosed: list[AttachedText] = []
    texts: list[str] = []
    asking: list[NeedsYes] = []
    refused: list[Failure] = []
    for path, quoted in list(_find_paths(message).items())[:MAX_NAMED]:
        if path.partition(":")[0] in servers and ":" in path:
            continue
        try:
            enclosed.append(_resolve(root, path, allowed))
        except NeedsYes as failure:
            asking.append(failure)
        except Failure as failure:
            if failure.kind is not Kind.NOT_FOUND or quoted or _looks_like_a_path(path):
                refused.append(failure)
            else:
                texts.append(failure.message)
    return NamedFiles(tuple(dict.fromkeys(enclosed)), tuple(texts), tuple(asking), tuple(refused))


def _resolve(root: Path, path: str, allowed: Collection[str]) -> AttachedText:
    """Read a path. If it fails, read it without the punctuation at its end."""
    try:
        return enclose(root, path, allowed=path in allowed)
    except NeedsYes:
        raise
    except Failure:
        bare = path.rstrip(_BEHIND)
        if not bare or bare == path:
            raise
        return enclose(root, bare, allowed=bare in allowed)


def _looks_like_a_path(text: str) -> bool:
    """Return whether the person surely meant a file. `@nobody`, `@types/node`, `@app.route("/")` may be words."""
    bare = text.rstrip(_BEHIND)
    if bare == "~" or bare.startswith(_BEGINNINGS) or re.match(r"\.\w", bare):
        return True
    name = paths.file(bare)
    ending = Path(bare).suffix.lower()
    return name is not None and (paths.is_kind(ending) or mimetypes.guess_type(f"x{ending}")[0] is not None)
