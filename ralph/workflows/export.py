"""Exports a timeline in one of the formats of `ralph/export/`, as text or to a file."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

from ralph import registry
from ralph.config.private import open_file
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure, Failure, Kind, did_you_mean
from ralph.core.ports.export import Export
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.recorded import RecordedTimeline, fold_recorded
from ralph.store.whole_file import replacing


@frozen
class ExportedText(Data):
    """The text of a timeline in a format. `lost`: one sentence per part that could not be read."""

    timeline: str
    turns: int
    to: str
    suffix: str
    text: str
    lost: tuple[str, ...] = ()


def formats() -> tuple[str, ...]:
    return registry.names("exports")


def format_of(path: str) -> str:
    """Return the format for a file name; empty if its suffix belongs to none."""
    suffix = Path(path).suffix.casefold()
    return suffix[1:] if suffix[1:] in registry.builtin_names("exports") else ""


def load_format(name: str) -> Export:
    """Return the format of this name. Raises `Failure(USAGE)` with the nearest name if there is none."""
    if name not in registry.builtin_names("exports") and name not in (known := formats()):
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise Failure(Kind.USAGE, f"there is no format '{name}'{hint}")
    made: Export = registry.load("exports", name)
    return made


async def export_text(workspace: Workspace, timeline: str, to: str) -> ExportedText:
    """Return the timeline (id, unique prefix, `last`) in this format, without this run's keys. Raises `Failure`."""
    made = load_format(to)
    events = await workspace.timelines.read_events(timeline)

    def write() -> ExportedText:
        whole = fold_recorded(events)
        text = workspace.clean(_write(made, whole))
        return ExportedText(whole.id, len(whole.turns), made.name, made.suffix, text, whole.lost)

    return await asyncio.to_thread(write)


def _write(made: Export, timeline: RecordedTimeline) -> str:
    out = io.StringIO()
    try:
        made.write(timeline, out)
    except Exception as error:
        # border: a plugin is code of another package
        raise ConfigFailure(f"the format '{made.name}' could not write the timeline: {error!r}") from error
    return out.getvalue()


async def save_export(exported: ExportedText, path: Path, *, force: bool = False) -> None:
    """Write the text to this file, completely or not at all. A new file has mode 0600; an existing one keeps its mode.

    Raises `Failure`, also for an existing file without `force`.
    """
    await asyncio.to_thread(_save, exported.text, path, force)


def _save(text: str, path: Path, force: bool) -> None:
    if path.is_dir():
        raise Failure(Kind.USAGE, f"{path} is a folder; name a file in it")
    if path.exists() and not force:
        raise Failure(Kind.USAGE, f"{path} is there already; --force replaces it")
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        with replacing(path) as made:
            with os.fdopen(open_file(made, os.O_WRONLY), "w", encoding="utf-8", newline="") as file:
                file.write(text)
            if mode is not None:
                made.chmod(mode)
    except OSError as error:
        raise Failure(Kind.IO, f"{path} could not be written: {error.strerror or error}") from error
