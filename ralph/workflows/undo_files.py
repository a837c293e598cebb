"""Takes back what the last turn wrote: from the bytes that were kept, and only where nobody changed the file since."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.llm.tool import ToolFailure
from ralph.core.llm.tool_output import FileChange, FileRecord
from ralph.core.ports.workspace import TimelineService
from ralph.core.timeline.file_undo import UNDONE, WrittenFiles
from ralph.disk.changes import ChangeRefused, apply_changes, read_bytes, remove_empty_folder, sha256
from ralph.tools._paths import real
from ralph.tools._write_paths import find_place

_ENDS = ("restored", "removed", "already", "left")


@frozen
class FileUndo(Data):
    """What is done about one file. `change` is None if it stays, and `why` says why."""

    path: str
    change: FileChange | None = None
    why: str = ""
    already: bool = False
    """Whether the file is as it was before the turn."""

    @property
    def done(self) -> str:
        """Return what becomes of the file in one word."""
        if self.change is None:
            return "already" if self.already else "left"
        return "removed" if self.change.after is None else "restored"


@frozen
class UndoPlan(Data):
    """What an undo of a turn would do."""

    written: WrittenFiles
    root: Path
    files: tuple[FileUndo, ...]

    @property
    def left(self) -> tuple[FileUndo, ...]:
        """Return the files that a person or a program changed since, or that cannot be restored."""
        return tuple(file for file in self.files if file.done == "left")

    def data(self, folders: Sequence[str] = ()) -> dict[str, Any]:
        """Return what is recorded: the turn, and the paths by what became of them."""
        by = {done: [f.path for f in self.files if f.done == done] for done in _ENDS}
        counts = len(self.left) < len(self.files)
        return {UNDONE: {"turn": self.written.turn, "counts": counts, **by, "folders": list(folders)}}


async def plan_undo(timelines: TimelineService, written: WrittenFiles, root: Path) -> UndoPlan:
    """Return the plan. Raises `Failure` if the turn wrote below another working directory."""
    try:
        here = real(root)
    except ToolFailure as failure:
        raise Failure(Kind.IO, str(failure)) from None
    if written.root and Path(written.root) != here:
        raise Failure(Kind.USAGE, f"turn {written.turn} wrote below {written.root}; start ralph there to undo it")
    files = [await _plan_file(timelines, here, record) for record in written.files]
    return UndoPlan(written, here, tuple(files))


def carry_out(plan: UndoPlan) -> tuple[UndoPlan, tuple[str, ...]]:
    """Do it; return what was really done, and the folders that were removed."""
    done: list[FileUndo] = []
    for file in plan.files:
        try:
            if file.change is not None:
                apply_changes(plan.root, (file.change,))
            done.append(file)
        except ChangeRefused as refused:
            done.append(FileUndo(file.path, None, str(refused)))
    made = UndoPlan(plan.written, plan.root, tuple(done))
    folders = tuple(folder for folder in plan.written.folders if remove_empty_folder(plan.root, folder))
    return made, folders


async def _plan_file(timelines: TimelineService, root: Path, record: FileRecord) -> FileUndo:
    try:
        place = await asyncio.to_thread(find_place, root, record.path)
        current = await asyncio.to_thread(read_bytes, root, place.path)
    except (ToolFailure, ChangeRefused) as refused:
        return FileUndo(record.path, None, str(refused))
    found = None if current is None else sha256(current)
    if found == record.before:
        return FileUndo(record.path, None, "it is as it was before the turn", already=True)
    if found != record.after:
        return FileUndo(record.path, None, "it was removed since" if found is None else "it was changed since")
    if record.before is None:
        return FileUndo(record.path, FileChange(record.path, current, None))
    try:
        return FileUndo(record.path, FileChange(record.path, current, await timelines.read_blob(record.before)))
    except NotFound:
        return FileUndo(record.path, None, "its earlier bytes were not kept")
