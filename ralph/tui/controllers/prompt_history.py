"""The prompts that were sent before: in this timeline, and in all sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ralph.core import background
from ralph.core.clock import Clock, stamp
from ralph.tui.controllers.screens import ScreenOpener
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from ralph.core.ports.store import PromptStore

log = logging.getLogger("ralph.tui")


class SentPrompts:
    """The sent prompts. Up recalls those of the open timeline; Ctrl+R lists those of all sessions too."""

    def __init__(
        self,
        shell: ShellState,
        prompt: Prompt,
        prompts: PromptStore | None,
        *,
        clock: Clock,
        screens: ScreenOpener,
        notice: Callable[[BaseException | None], None],
    ) -> None:
        """`prompts` stores the prompts of all sessions; None stores nothing. `notice` reports a failed write."""
        self._shell = shell
        self._prompt = prompt
        self._prompts = prompts
        self._clock = clock
        self._screens = screens
        self._notice = notice

    def remember(self) -> None:
        """Let Up recall the questions of the open timeline."""
        self._prompt.remember(t.started.prompt for t in self._shell.conversation.timeline().turns)

    async def search(self) -> None:
        """List the prompts of all sessions, with those that other processes have sent meanwhile."""
        await self.load()
        await self._screens.show("prompts", prompts=list(self._prompt.recall.prompts), take=self._prompt.write)

    async def load(self) -> None:
        """Read the prompts of all sessions."""
        if prompts := self._prompts:
            self._prompt.recall.others(await asyncio.to_thread(prompts.read))

    def keep(self, prompt: str) -> None:
        """Store a prompt without its keys for other sessions. A thread writes: another process may hold the file."""
        from ralph.commands.connect import without_key  # the first prompt imports it

        prompt = without_key(prompt)
        if prompts := self._prompts:
            at, timeline = stamp(self._clock.now()), self._shell.conversation.id

            def append() -> None:
                try:
                    prompts.append(prompt, at, timeline)
                except OSError as error:
                    log.warning("what was sent is not kept for other sessions: %s", error)

            background.in_thread(append, "keeping what was sent", self._notice)
