"""What waits until after the first paint: earlier turns, other themes, a look around, what the first turn needs."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING

from ralph.core import background
from ralph.tui.timeline.blocks import WelcomeDrawing

if TYPE_CHECKING:
    from ralph.core.ports.discovery import Discovery
    from ralph.tui.app import RalphApp


class StartupTasks:
    """Begins when the first paint is over."""

    def __init__(self, app: RalphApp) -> None:
        self._app = app
        self._warming: asyncio.Task[None] | None = None
        self._findings: Discovery | None = None

    def begin(self) -> None:
        """All of it, side by side; typing goes on meanwhile."""
        app = self._app
        self._warming = app.workspace.machine.warm()
        # In a thread: 30 to 80 ms of imports.
        background.in_thread(_import_drawing, "loading what draws", app.notice)
        app.load_themes()
        app.work(app.writer.load_prompts)
        app.key_mapping.check()
        app.work(app.status_lines.count)
        app.work(self._look_around)
        app.work(self.read_earlier)

    async def read_earlier(self) -> None:
        """The turns before the last ones, of a timeline that was just opened."""
        if await self._app.feed.earlier():
            self._app.remember()

    async def _look_around(self) -> None:
        """Who answers may be another after it, where nobody was named."""
        from ralph.tui import model_notice

        app = self._app
        self._findings = await app.workspace.machine.look_around()
        app.status_lines.state()
        if not app.busy and (told := model_notice.words(app.workspace, app.conversation)):
            app.say(told, reveal=False)

    def greet(self) -> None:
        """An empty timeline says who answers now, and what was found on this machine."""
        app = self._app
        if not self._findings or not app.feed.empty:
            return
        from ralph.tui.welcome import roles, words

        told = words(self._findings, app.workspace.models.providers(), app.conversation.roles)
        app.feed.welcome(WelcomeDrawing(roles(app.conversation), told))


def _import_drawing() -> None:
    for name in ("ralph.tui.markdown.stream_doc", "pygments.lexers.python"):
        importlib.import_module(name)
