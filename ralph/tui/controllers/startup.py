"""The work after the first paint: earlier turns, other themes, a search for models, and imports for the first turn."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.ports.workspace import Workspace
from ralph.tui.controllers.ports import Job, Notify, Work
from ralph.tui.controllers.shell_state import Change, ShellState
from ralph.tui.feed.feed import Feed
from ralph.tui.timeline.blocks import WelcomeDrawing

if TYPE_CHECKING:
    from ralph.core.ports.discovery import Discovery


# Seconds between two looks for the spending of other processes. A look asks SQLite and reads no table.
LOOK_S = 1.0


@frozen
class StartupPorts(Data):
    """The tasks that begin after the first paint. `remember` is called when the earlier turns have been read."""

    work: Work
    notice: Callable[[BaseException | None], None]
    load_themes: Callable[[], None]
    check_keys: Callable[[], None]
    load_prompts: Job
    read_spending: Job
    measure_window: Job
    remember: Callable[[], None]
    notify: Notify
    every: Callable[[float, Callable[[], None]], object]
    """Call a function again and again, with this many seconds between."""
    look: Callable[[], None]
    """Look whether another process has spent money."""


class StartupTasks:
    """The tasks after the first paint."""

    def __init__(self, workspace: Workspace, shell: ShellState, feed: Feed, ports: StartupPorts) -> None:
        self._workspace = workspace
        self._shell = shell
        self._feed = feed
        self._ports = ports
        self._warming: asyncio.Task[None] | None = None
        self._findings: Discovery | None = None

    def begin(self) -> None:
        """Start every task at the same time. The person can type meanwhile."""
        ports = self._ports
        self._shell.watch(self._greet)
        self._warming = self._workspace.machine.warm()
        # A thread takes the 30 to 80 ms of imports.
        background.in_thread(_import_drawing, "loading what draws", ports.notice)
        ports.load_themes()
        ports.work(ports.load_prompts)
        ports.check_keys()
        ports.work(partial(self._read_spending, self._warming))
        ports.work(self._look_around)
        ports.work(self.read_earlier)
        ports.work(self._check_rules)
        ports.every(LOOK_S, ports.look)

    async def _read_spending(self, warming: asyncio.Task[None]) -> None:
        """Read the costs. Then measure the window of a continued timeline, by the list that warming fetches."""
        await self._ports.read_spending()
        await asyncio.wait([warming])
        await self._ports.measure_window()

    async def _check_rules(self) -> None:
        """Report each rule that names no tool, because such a rule protects nothing."""
        for told in await self._workspace.tools.check_rules():
            self._ports.notify(told, title="config", severity="warning", markup=False)

    async def read_earlier(self) -> None:
        """Read the turns before the last ones of a timeline that was just opened."""
        if await self._feed.earlier():
            self._ports.remember()

    async def _look_around(self) -> None:
        """Look for models on this machine. If no model was named, the look may change which model answers."""
        from ralph.tui import model_notice

        self._findings = await self._workspace.machine.look_around()
        self._shell.announce("header")
        if not self._shell.busy and (told := model_notice.words(self._workspace, self._shell.conversation)):
            self._feed.say(told, reveal=False)

    def _greet(self, change: Change) -> None:
        """Show in an empty timeline which models answer now, and what was found on this machine."""
        findings = self._workspace.machine.last_look or self._findings  # `/connect` looks again
        if change != "header" or not findings or not self._feed.empty:
            return
        from ralph.tui.welcome import roles, words

        conversation = self._shell.conversation
        told = words(findings, self._workspace.models.providers(), conversation.roles)
        self._feed.welcome(WelcomeDrawing(roles(conversation), told))


def _import_drawing() -> None:
    for name in ("ralph.tui.markdown.stream_doc", "pygments.lexers.python"):
        importlib.import_module(name)
