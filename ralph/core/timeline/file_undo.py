"""Which files the last turn that wrote changed, and which turns were undone. A pure fold."""

from __future__ import annotations

from collections.abc import Iterator

from ralph.core.data import Data, frozen
from ralph.core.llm.tool_output import FileRecord
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn

# The key in the data of the block that records an undo.
UNDONE = "undone_files"


@frozen
class WrittenFiles(Data):
    """The files that a turn changed: each from its first state to its last, and the folders that the turn made."""

    turn: int
    root: str
    """The working directory of the turn."""
    files: tuple[FileRecord, ...]
    folders: tuple[str, ...] = ()
    """The innermost folder first."""


def find_last_written(timeline: Timeline) -> WrittenFiles | None:
    """Return the files of the last turn that changed some and was not undone; None if there is no such turn."""
    undone = set(_find_undone(timeline))
    for turn in reversed(timeline.turns):
        if turn.number not in undone and (found := _find_written(turn)):
            return found
    return None


def _find_written(turn: Turn) -> WrittenFiles | None:
    """Return what a turn changed. The calls of a step that a re-run kept changed nothing."""
    files: dict[str, FileRecord] = {}
    folders: list[str] = []
    root = ""
    for call in (call for block in turn.blocks if not block.copied_from for call in block.calls):
        for record in call.files:
            if record.path.endswith("/"):
                folders.append(record.path)
            elif record.before != record.after:
                first = files.get(record.path, record)
                files[record.path] = FileRecord(record.path, first.before, record.after)
        root = call.root or root
    changed = tuple(record for record in files.values() if record.before != record.after)
    return WrittenFiles(turn.number, root, changed, tuple(reversed(folders))) if changed else None


def _find_undone(timeline: Timeline) -> Iterator[int]:
    for block in timeline.work:
        done = block.data.get(UNDONE)
        if isinstance(done, dict) and isinstance(done.get("turn"), int) and done.get("counts") is True:
            yield done["turn"]
