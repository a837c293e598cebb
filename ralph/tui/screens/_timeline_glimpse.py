"""The glimpse into the highlighted timeline of the list: its title and its last turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from ralph.core.errors import Failure
from ralph.core.timeline.rows import TimelineRow
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.tables.timelines import glimpse
from ralph.tui.text import one_line

# Seconds without a move before the highlighted timeline is read.
MOVING_S = 0.06


class TimelineGlimpse(VerticalScroll):
    """The last turns of a timeline, scrolled to the end. A newer read cancels the one before."""

    DEFAULT_CSS = """
    TimelineGlimpse#timelines-look {
        height: 7;
        border-top: solid $bar-rest;
    }
    TimelineGlimpse #timelines-glimpse {
        height: auto;
    }
    """

    def __init__(self, row: Callable[[], TimelineRow | None], ports: ScreenPorts, searched: Callable[[], str]) -> None:
        """`row` returns the highlighted row, `searched` the searched words."""
        super().__init__(id="timelines-look", can_focus=False)
        self._row = row
        self._ports = ports
        self._searched = searched

    def compose(self) -> ComposeResult:
        yield Static(id="timelines-glimpse")

    def look(self) -> None:
        """Read the highlighted timeline after a short pause."""
        _: Worker[None] = self.run_worker(self._look, group="look", exclusive=True, exit_on_error=False)

    def put(self, *lines: Content | str) -> None:
        """Show these lines."""
        made = [line if isinstance(line, Content) else Content(line) for line in lines]
        self.query_one("#timelines-glimpse", Static).update(Content("\n").join(made))

    async def _look(self) -> None:
        await asyncio.sleep(MOVING_S)
        if not (row := self._row()):
            return
        try:
            turns = await self._ports.workspace.timelines.preview(row.id)
        except Failure as failure:
            self.put(one_line(failure.message))
            return
        self.put(*glimpse(row, turns, self._ports.conversation().id, self._searched()))
        self.scroll_end(animate=False)
