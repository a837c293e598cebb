"""Files for a message: found while a path is typed, read when they are attached or the message is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ralph.tui.controllers.message_queue import QueuedMessage
from ralph.tui.controllers.ports import Notify
from ralph.tui.text import one_line

if TYPE_CHECKING:
    from ralph.tui.prompt.attachments import AttachedText
    from ralph.tui.prompt.paths import PathIndex


class FileAttachments:
    """Reads below one directory. What an empty prompt does not need is imported when it is first used."""

    def __init__(self, root: Path, notify: Notify) -> None:
        self._root = root
        self._notify = notify
        self._paths: PathIndex | None = None

    async def read(self, path: str) -> AttachedText:
        """Read a file, or list a folder. Raises `Failure`."""
        from ralph.tui.prompt.attachments import enclose

        return await asyncio.to_thread(enclose, self._root, path)

    async def gather(self, queued: QueuedMessage) -> str:
        """The context of a message with the files that it names; files that do not go along are told."""
        from ralph.tui.prompt.attachments import gather

        enclosed, missed = await asyncio.to_thread(gather, self._root, queued.typed)
        for sentence in missed[:3]:
            words = one_line(f"{sentence}; it goes as plain text")
            self._notify(words, severity="warning", markup=False, timeout=8)
        return queued.context(enclosed)

    def find_paths(self, part: str) -> Sequence[str]:
        """Walks the working directory; to be called in a thread."""
        if self._paths is None:
            from ralph.tui.prompt.paths import PathIndex

            self._paths = PathIndex(self._root)
        return self._paths.like(part)
