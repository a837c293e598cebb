"""Files for a message: ralph finds them while a person types a path, and reads them when the message is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ralph.core.ports.workspace import Workspace
from ralph.tui.controllers.pending_messages import QueuedMessage
from ralph.tui.controllers.ports import Notify
from ralph.tui.text import one_line

if TYPE_CHECKING:
    from ralph.tui.prompt.paths import PathIndex
    from ralph.workflows.attached import AttachedText, NeedsYes

Choose = Callable[[str, Sequence[tuple[str, str]]], Awaitable[str | None]]
SEND = "send"


def name_resources(workspace: Workspace) -> Collection[str]:
    """Return the resources of all servers as `server:address`, and each server alone with a colon."""
    servers = workspace.mcp
    return [*(f"{row.name}:" for row in servers.rows()), *(f"{row.server}:{row.uri}" for row in servers.resources())]


class FileAttachments:
    """The reader of the files that a person names. The first use imports what an empty prompt does not need."""

    def __init__(
        self, root: Path, notify: Notify, choose: Choose, resources: Callable[[], Collection[str]] = tuple
    ) -> None:
        """`choose` asks the person whether to send a file that may hold a key. `resources` returns the resources of
        servers as `server:address`, and each server alone with a colon."""
        self._root = root
        self._notify = notify
        self._choose = choose
        self._resources = resources
        self._paths: PathIndex | None = None

    async def read(self, path: str) -> AttachedText:
        """Read a file, or list a folder. Raise `Failure` if this fails or the person refuses to send the file."""
        from ralph.workflows.attached import NeedsYes, enclose

        try:
            return await asyncio.to_thread(enclose, self._root, path)
        except NeedsYes as question:
            await self._ask(question)
            return await asyncio.to_thread(enclose, self._root, path, allowed=True)

    async def gather(self, queued: QueuedMessage) -> str:
        """Return the context of a message with the files that the message names.

        Raise `Failure` if a file cannot go along: the message must not be sent without it. A name that may be a plain
        word is sent as text, and a notice says so.
        """
        from ralph.tui.prompt.attachments import gather

        found = await asyncio.to_thread(gather, self._root, queued.typed, (), self._servers())
        if found.refused:
            raise found.refused[0]
        for question in found.asking:
            await self._ask(question)
        if found.asking:
            allowed = [question.path for question in found.asking]
            found = await asyncio.to_thread(gather, self._root, queued.typed, allowed, self._servers())
            for failure in (*found.refused, *found.asking):  # the file changed meanwhile
                raise failure
        for sentence in found.texts[:3]:
            words = one_line(f"{sentence}; it is sent as plain text")
            self._notify(words, severity="warning", markup=False, timeout=8)
        return queued.context(found.enclosed)

    async def _ask(self, question: NeedsYes) -> None:
        """Raise the question as a failure unless the person says yes."""
        title = one_line(f"'{question.path}' {question.why}. Send it to the model?")
        if await self._choose(title, [("stay", "do not send it"), (SEND, "send it")]) != SEND:
            raise question.reword(f"'{question.path}' {question.why}; it was not sent")

    def find_paths(self, part: str) -> Sequence[str]:
        """Return the paths that match `part`. The search walks the working directory, so call it in a thread."""
        if self._paths is None:
            from ralph.tui.prompt.paths import PathIndex

            self._paths = PathIndex(self._root)
        if part.partition(":")[0] in self._servers() and ":" in part:
            return [one for one in self._resources() if one.startswith(part) and one != part]
        return self._paths.like(part)

    def _servers(self) -> Collection[str]:
        return {one.partition(":")[0] for one in self._resources()}
