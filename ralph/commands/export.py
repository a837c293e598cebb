"""`/export`: writes this timeline to a file that others can read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.errors import Failure, Kind, NotFound, StoreFailure
from ralph.core.formatting import plural
from ralph.core.ports.face import Face
from ralph.workflows.export import ExportedText, export_text, format_of, formats, save_export

FORCE = "--force"


async def run(argument: str, face: Face) -> None:
    """Export; without a path, to a file in the working directory that is named after the timeline."""
    to, path, force = _parse_argument(argument)
    here = face.conversation
    if not here.timeline().last_seq:
        raise NotFound("nothing was asked in this timeline yet, so there is nothing to export")
    try:
        await here.flush()
        made = await export_text(face.workspace, here.id, to)
    except NotFound as failure:
        raise NotFound("this timeline is not saved, so there is nothing to export") from failure
    file = _file(path or f"{made.timeline}{made.suffix}")
    await save_export(made, file, force=force)
    face.result({"timeline": made.timeline, "format": made.to, "path": str(file), "characters": len(made.text)})
    face.say(f"Wrote `{verbatim(str(file))}`: {_size(made)}.")
    if made.lost:
        raise StoreFailure(f"{'; '.join(made.lost[:3])}; the rest is whole")


def _parse_argument(argument: str) -> tuple[str, str, bool]:
    """Return the format, the path, and whether a file may be replaced. A path alone gives the format by its suffix."""
    words = argument.split()
    force = FORCE in words
    text = " ".join(word for word in words if word != FORCE)
    first, _, path = text.partition(" ")
    if not text:
        return "md", "", force
    if format_of(text) and first not in formats():
        return format_of(text), text, force
    if path.startswith("-"):
        raise Failure(Kind.USAGE, f"write  /export [FORMAT] [PATH] [{FORCE}],  as in /export md notes.md")
    return first, path.strip(), force


def _file(path: str) -> Path:
    return Path(path).expanduser()


def _size(made: ExportedText) -> str:
    return f"{plural(made.turns, 'turn')} as {made.to}, {len(made.text):,} characters"


async def complete(argument: str, face: Face) -> Sequence[str]:  # noqa: ARG001 - a Complete
    return [to for to in formats() if to.startswith(argument)]


COMMAND = Simple(
    "export", "write this timeline to a file", run, usage=f"[format] [path] [{FORCE}]", complete=complete
)  # fmt: skip
