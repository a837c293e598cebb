"""What is done around the prompt: files are found and taken along, an editor is opened, what was sent is remembered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ralph.core import background
from ralph.core.clock import stamp
from ralph.core.errors import Failure, Kind
from ralph.tui.controllers.message_queue import QueuedMessage
from ralph.tui.prompt.pasted import again, plain
from ralph.tui.text import one_line

if TYPE_CHECKING:
    from ralph.core.ports.store import PromptStore
    from ralph.tui.app import RalphApp
    from ralph.tui.prompt.completion import Completion
    from ralph.tui.prompt.paths import PathIndex

log = logging.getLogger("ralph.tui")


class Composer:
    """What an empty prompt does not need is loaded when it is first used."""

    def __init__(self, app: RalphApp, root: Path, prompts: PromptStore | None) -> None:
        """`root`: below it files may be named. `prompts`: what was sent in all sessions."""
        self._app = app
        self._root = root
        self._prompts = prompts
        self._paths: PathIndex | None = None

    def begin_completion(self) -> Completion:
        """The list above the prompt."""
        from ralph.tui.controllers.face import TerminalFace
        from ralph.tui.prompt.completion import Completion

        return Completion(TerminalFace(self._app, self._app.open_timeline), self._app.menu, self.find_paths)

    async def edit(self, text: str = "") -> None:
        """The terminal is the editor's until it ends; a running turn goes on, and is painted afterwards."""
        from ralph.tui.prompt import editor

        prompt = self._app.prompt
        typed = text or prompt.typed
        made = await editor.edited(plain(typed), editor.chosen(os.environ), self._aside())
        prompt.write(again(made, typed), made_of=typed)

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """The screen is given away: nothing is painted, nothing is read."""
        from textual.app import SuspendNotSupported

        failed: BaseException | None = None
        try:
            with self._app.batch_update(), self._app.suspend():
                try:
                    yield
                # border: `suspend` takes the terminal back only after a good end
                except BaseException as error:  # noqa: BLE001 - border: raised below
                    failed = error
        except SuspendNotSupported:
            raise Failure(Kind.USAGE, "this terminal cannot be handed over to an editor") from None
        self._app.refresh(layout=True)
        if failed:
            raise failed

    async def open_editor(self) -> None:
        """By a key: a failure is a passing word."""
        try:
            await self.edit()
        except Failure as failure:
            self._app.notify(one_line(failure.message), severity="warning", markup=False, timeout=8)

    # Files.

    async def enclose(self, path: str) -> str:
        """It goes with the next message; says which and how large. Raises `Failure`."""
        from ralph.tui.prompt.attachments import enclose

        made = await asyncio.to_thread(enclose, self._root, path)
        self._app.message_queue.pending.attach(made)
        self._app.status_lines.hint()
        return f"{made.path}, {made.size}"

    def enclosed(self) -> Sequence[str]:
        return [f"{e.path}, {e.size}" for e in self._app.message_queue.pending.attached]

    def drop_enclosed(self) -> None:
        self._app.message_queue.pending.drop()
        self._app.status_lines.hint()

    def find_paths(self, part: str) -> Sequence[str]:
        """Walks the working directory; to be called in a thread."""
        if self._paths is None:
            from ralph.tui.prompt.paths import PathIndex

            self._paths = PathIndex(self._root)
        return self._paths.like(part)

    async def gather(self, queued: QueuedMessage) -> str:
        """The context of a message with the files that it names; files that do not go along are told."""
        from ralph.tui.prompt.attachments import gather

        enclosed, missed = await asyncio.to_thread(gather, self._root, queued.typed)
        for sentence in missed[:3]:
            words = one_line(f"{sentence}; it goes as plain text")
            self._app.notify(words, severity="warning", markup=False, timeout=8)
        return queued.context(enclosed)

    # The file of all prompts.

    async def search_prompts(self) -> None:
        """What other processes have sent meanwhile is there too."""
        await self.load_prompts()
        prompt = self._app.prompt
        await self._app.show("prompts", prompts=list(prompt.recall.prompts), take=prompt.write)

    async def load_prompts(self) -> None:
        if prompts := self._prompts:
            self._app.prompt.recall.others(await asyncio.to_thread(prompts.read))

    def keep_prompt(self, prompt: str, timeline: str) -> None:
        """For other sessions; in a thread, since another process may hold the file. The loop ends after it."""
        if prompts := self._prompts:
            at = stamp(self._app.clock.now())

            def append() -> None:
                try:
                    prompts.append(prompt, at, timeline)
                except OSError as error:
                    log.warning("what was sent is not kept for other sessions: %s", error)

            background.in_thread(append, "keeping what was sent", self._app.notice)
