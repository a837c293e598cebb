"""Tells, after a call that had no end, which of its planned changes are on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.llm.tool_output import FileRecord
from ralph.disk.changes import ChangeRefused, is_folder_path, read_bytes, sha256


@frozen
class FoundFiles(Data):
    """What the disk says about the planned changes of a call."""

    text: str
    """A sentence for each file; empty without planned files."""
    done: tuple[FileRecord, ...] = ()
    """The changes that are on the disk."""


def find_changes(root: Path, planned: Sequence[FileRecord]) -> FoundFiles:
    """Compare the disk below the real root with the planned changes. Reads the files."""
    sentences: list[str] = []
    done: list[FileRecord] = []
    for record in planned:
        if is_folder_path(record.path):
            if (root / record.path).is_dir():
                done.append(record)
            continue
        try:
            content = read_bytes(root, record.path)
        except ChangeRefused as refused:
            sentences.append(f"it is unknown whether {record.path} was written: {refused}")
            continue
        found = None if content is None else sha256(content)
        if found == record.after:
            done.append(record)
        sentences.append(_describe(record, found))
    return FoundFiles("; ".join(sentences), tuple(done))


def _describe(record: FileRecord, found: str | None) -> str:
    if found == record.after:
        return f"{record.path} was {'removed' if record.after is None else 'written: it is the new file'}"
    if found == record.before:
        return f"{record.path} was not {'made' if found is None else 'changed: it is the old file'}"
    return f"{record.path} is neither the old file nor the new one: another program changed it"
