"""An app that is written into: what the prompt completes, remembers, opens in an editor and takes along."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind
from ralph.tui.outbox import Letter, Outbox
from ralph.tui.prompt.pasted import again, plain
from ralph.tui.reading import ReadingApp
from ralph.tui.text import one_line
from ralph.tui.widgets.menu import Menu
from ralph.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from ralph.store.prompts import Prompts
    from ralph.tui.prompt.paths import PathIndex

log = logging.getLogger("ralph.tui")


class WritingApp(ReadingApp):
    """What an empty prompt does not need is loaded when it is first used."""

    clock: Clock
    prompt: Prompt
    menu: Menu
    outbox: Outbox
    root: Path
    prompts: Prompts | None
    _paths: PathIndex | None = None

    # What the whole app has.
    show_hint: Callable[[], None]
    show: Callable[..., Coroutine[Any, Any, bool]]
    _work: Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

    # What a command may do to the prompt: a part of the Face.

    def write(self, text: str) -> None:
        self.prompt.write(text)

    async def edit(self, text: str = "") -> None:
        """The terminal is the editor's until it ends; a running turn goes on, and is painted afterwards."""
        from ralph.tui.prompt import editor

        typed = text or self.prompt.typed
        made = await editor.edited(plain(typed), editor.chosen(os.environ), self._aside())
        self.prompt.write(again(made, typed))

    async def enclose(self, path: str) -> str:
        from ralph.tui.prompt.enclosing import enclose

        made = await asyncio.to_thread(enclose, self.root, path)
        self.outbox.attach(made)
        self.show_hint()
        return f"{made.path}, {made.size}"

    def enclosed(self) -> Sequence[str]:
        return [f"{e.path}, {e.size}" for e in self.outbox.attached]

    def drop_enclosed(self) -> None:
        self.outbox.drop()
        self.show_hint()

    async def paths_like(self, part: str) -> Sequence[str]:
        return await asyncio.to_thread(self.find_paths, part)

    def find_paths(self, part: str) -> Sequence[str]:
        """Walks the working directory; to be called in a thread."""
        if self._paths is None:
            from ralph.tui.prompt.paths import PathIndex

            self._paths = PathIndex(self.root)
        return self._paths.like(part)

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """The screen is given away: nothing is painted, nothing is read."""
        from textual.app import SuspendNotSupported

        failed: BaseException | None = None
        try:
            with self.batch_update(), self.suspend():
                try:
                    yield
                # border: `suspend` takes the terminal back only after a good end
                except BaseException as error:  # noqa: BLE001 - border: raised below
                    failed = error
        except SuspendNotSupported:
            raise Failure(Kind.USAGE, "this terminal cannot be handed over to an editor") from None
        self.refresh(layout=True)
        if failed:
            raise failed

    # Files that a message names.

    async def gather(self, letter: Letter) -> str:
        """The context of a letter with the files that it names; those that do not go along are told."""
        from ralph.tui.prompt.enclosing import gather

        enclosed, missed = await asyncio.to_thread(gather, self.root, letter.typed)
        for sentence in missed[:3]:
            self.notify(one_line(f"{sentence}; it goes as plain text"), severity="warning", markup=False, timeout=8)
        return letter.context(enclosed)

    # Keys.

    def action_search_prompts(self) -> None:
        self._work(self._search_prompts)

    async def _search_prompts(self) -> None:
        """What other processes have sent meanwhile is there too."""
        await self.load_prompts()
        await self.show("prompts", prompts=list(self.prompt.recall.prompts), take=self.prompt.write)

    def action_editor(self) -> None:
        self._work(self._editor)

    async def _editor(self) -> None:
        try:
            await self.edit()
        except Failure as failure:
            self.notify(one_line(failure.message), severity="warning", markup=False, timeout=8)

    def on_menu_clicked(self, event: Menu.Clicked) -> None:
        if self.prompt.completion:
            self.prompt.completion.point(event.at)
            self.prompt.action_complete()
            self.prompt.focus()

    # The file of all prompts.

    async def load_prompts(self) -> None:
        if prompts := self.prompts:
            self.prompt.recall.others(await asyncio.to_thread(prompts.read))

    def keep_prompt(self, prompt: str, timeline: str) -> None:
        """For other sessions; in a thread, since another process may hold the file. The loop ends after it."""
        if prompts := self.prompts:
            at = stamp(self.clock.now())

            def append() -> None:
                try:
                    prompts.append(prompt, at, timeline)
                except OSError as error:
                    log.warning("what was sent is not kept for other sessions: %s", error)

            asyncio.get_running_loop().run_in_executor(None, append)
