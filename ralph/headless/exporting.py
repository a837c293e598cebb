"""`ralph export`: writes a timeline to standard output or to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import join_words
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line
from ralph.headless.saved import check_whole
from ralph.workflows.export import export_text, format_of, formats, load_format, save_export

STDOUT = "-"


@frozen
class ExportRequest(Data):
    """An export. `to` may be left out if the file's suffix gives the format. No file, or `-`, is standard output."""

    timeline: str
    to: str = ""
    file: str = STDOUT
    force: bool = False


def with_format(asked: ExportRequest) -> ExportRequest:
    """Return the request with its format. Raises `Failure(USAGE)` for an unknown one, before anything is opened."""
    to = asked.to or format_of(asked.file)
    if not to:
        raise Failure(Kind.USAGE, f"--to is missing: write --to {join_words(formats())}".replace(" and ", " or "))
    load_format(to)
    return ExportRequest(asked.timeline, to, asked.file, asked.force)


async def export(workspace: Workspace, asked: ExportRequest, out: TextIO, err: TextIO) -> int:
    """Write it, and return the exit code. Raises `StoreFailure` after everything readable was written."""
    made = await export_text(workspace, asked.timeline, asked.to)
    if asked.file == STDOUT:
        out.write(made.text)
        out.flush()
    else:
        await save_export(made, Path(asked.file), force=asked.force)
        print(line(f"ralph: wrote {asked.file}: {made.to}, {len(made.text):,} characters"), file=err)
    return check_whole(made.lost)
