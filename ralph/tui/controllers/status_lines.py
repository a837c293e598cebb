"""The lines around the timeline: what is open and what it cost, what goes on and what waits, which keys there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ralph.core.formatting import plural
from ralph.tui import keys
from ralph.tui.controllers import spending

if TYPE_CHECKING:
    from ralph.tui.app import RalphApp


class StatusLines:
    """What they tell of money and of the window is read when a turn ends, never for a frame."""

    def __init__(self, app: RalphApp) -> None:
        self._app = app
        self._stock = spending.SpendingSnapshot()
        self._below = 0

    def state(self) -> None:
        """Title, model and money at the top; what goes on above the prompt."""
        conversation = self._app.conversation
        timeline = conversation.timeline()
        ref = conversation.roles.get("format", "")
        parts = (self._stock.context(conversation), self._stock.spent(conversation, timeline), self._stock.today)
        self._app.status_bar.show(("ralph", timeline.title or "new timeline", ref), parts)
        self._app.startup.greet()
        self.hint()

    def hint(self) -> None:
        """What goes on, what waits, what is out of sight. Called at every scroll, so it folds nothing."""
        app = self._app
        stops = keys.named(app, "turn.stop", "Esc")
        going = f"running, {stops} stops" if app.busy else "reading files …" if app.message_queue.packing else ""
        going = "stopping …" if app.open_timeline.stopping else going
        end = keys.named(app, "prompt.end", "End")
        below = f"↓ {plural(self._below, 'line')} below, {end}" if self._below else ""
        app.hint_line.show((going, *app.message_queue.pending.notes()), below)
        app.waiting_list.show(app.message_queue.pending.waiting)

    def scrolled(self, below: int) -> None:
        """So many lines are out of sight below."""
        self._below = below
        self.hint()

    def keys(self) -> None:
        """Those of the prompt, of the block that the cursor points at, or of the search."""
        app, view = self._app, self._app.view
        if view.has_focus:
            shown = keys.marking(app) if view.marking else keys.pointing(app)
        elif app.timeline_search.open:
            shown = keys.finding(app)
        else:
            shown = keys.footer(app, pointed=view.place is not None)
        app.key_line.show(shown)

    async def count(self, *, full: bool = False) -> None:
        """Read what the top line tells of money, and how full the window is where a turn has just ended."""
        workspace, conversation = self._app.workspace, self._app.conversation
        rows = await spending.money(workspace, conversation)
        self._stock = self._stock.counted(conversation.id, rows)
        self.state()
        if full:
            place, share = spending.place(conversation), await spending.filled(workspace, conversation)
            self._stock = replace(self._stock, place=place, filled=share)
            self.state()
