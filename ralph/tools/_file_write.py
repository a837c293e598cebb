"""What the writing tools share: from a change of a file's text to a plan, and from the plan to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.llm.tool import Surroundings, ToolCall, ToolFailure
from ralph.core.llm.tool_output import FileChange, FileRecord, LastRead, Prepared, ToolOutput
from ralph.disk.changes import ChangeRefused, apply_changes, is_folder_path, read_bytes, sha256
from ralph.tools._file_diff import describe_change
from ralph.tools._paths import real
from ralph.tools._write_paths import MAX_FILE_BYTES, find_place


@frozen
class Original(Data):
    """The file before the change: its path below the working directory, and its bytes."""

    path: str
    content: bytes | None


def plan_change(around: Surroundings, path: str, change: Callable[[Original], bytes]) -> Prepared:
    """Return the preview and the changes of one write. `change` makes the new bytes. Raises `ToolFailure`."""
    root = real(around.root)
    place = find_place(root, path)
    target = root / place.path
    below = [own for own in map(Path.resolve, around.protected) if root in own.parents]
    if any(target == own or own in target.parents for own in below):
        raise ToolFailure(f"{place.path} belongs to ralph's own configuration or data; no tool writes there")
    before = _read(root, place.path)
    last = around.last_reads.get(place.path)
    if last is not None:
        _check_unchanged(place.path, before, last)
    after = change(Original(place.path, before))
    if after == before:
        raise ToolFailure(f"{place.path} has exactly this content already; nothing was changed")
    if len(after) > MAX_FILE_BYTES:
        raise ToolFailure(f"{place.path} would have {len(after)} bytes; at most {MAX_FILE_BYTES} can be written")
    folders = tuple(FileChange(folder, None, None) for folder in place.folders)
    preview = describe_change(place, before, after, unread=last is None)
    return Prepared(preview, (*folders, FileChange(place.path, before, after)))


async def carry_out(call: ToolCall, prepared: Prepared) -> ToolOutput:
    """Make the planned changes. A call that is stopped waits for the end of a write that has begun."""
    writing = background.start(asyncio.to_thread(_apply, real(call.root), prepared.changes), "a write")
    try:
        records = await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise
    if isinstance(records, ChangeRefused):
        raise ToolFailure(str(records))
    folders = [record.path.rstrip("/") for record in records if is_folder_path(record.path)]
    changed = next(change for change in prepared.changes if not is_folder_path(change.path))
    done = "changed" if changed.before is not None else "made"
    new = f", in the new folder {folders[-1]}" if folders else ""
    return ToolOutput(f"{changed.path} was {done}{new} ({len(changed.after or b'')} bytes).", files=records)


def _apply(root: Path, changes: Sequence[FileChange]) -> tuple[FileRecord, ...] | ChangeRefused:
    """Return the refusal: an exception of background work would be logged as a mistake in ralph."""
    try:
        return apply_changes(root, changes)
    except ChangeRefused as refused:
        return refused


def _read(root: Path, path: str) -> bytes | None:
    try:
        return read_bytes(root, path)
    except ChangeRefused as refused:
        raise ToolFailure(str(refused)) from None


def _check_unchanged(path: str, content: bytes | None, last: LastRead) -> None:
    found = None if content is None else sha256(content)
    if found == last.sha256:
        return
    did = "wrote" if last.wrote else "read"
    if content is None:
        raise ToolFailure(f"the file {path} was removed since {last.call} {did} it")
    raise ToolFailure(f"the file {path} changed since {last.call} {did} it; read it again")
