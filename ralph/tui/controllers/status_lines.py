"""The lines around the timeline: title and costs, activity and waiting messages, and keys."""

from __future__ import annotations

from typing import Any

from textual.app import App

from ralph.core.formatting import plural
from ralph.core.llm.model_names import ref_name
from ralph.core.llm.refs import ModelRef
from ralph.tui import keys
from ralph.tui.controllers.shell_state import Change, ShellState
from ralph.tui.widgets.shell import ShellWidgets


class StatusLines:
    """The lines around the timeline, drawn after each change of the shell state."""

    def __init__(self, app: App[Any], shell: ShellState, widgets: ShellWidgets) -> None:
        """`app` holds the keymap."""
        self._app = app
        self._shell = shell
        self._widgets = widgets
        shell.watch(self.draw)

    def draw(self, change: Change) -> None:
        """Draw the lines that this change affects."""
        match change:
            case "header":
                self._draw_header()
                self._draw_activity()
            case "activity":
                self._draw_activity()
            case "keys":
                self._draw_keys()

    def _draw_header(self) -> None:
        """Draw the title, the model and the costs."""
        conversation, spending = self._shell.conversation, self._shell.spending
        timeline = conversation.timeline()
        ref = conversation.roles.get("format", "")
        answered = next((a for t in reversed(timeline.turns) for a in reversed(t.attempts)), None)
        known = answered.model if answered and answered.provider == ModelRef.parse(ref).provider else ""
        ref = ref_name(ref, known) if ref else ""
        parts = spending.figures(conversation)
        self._widgets.status_bar.show(("ralph", timeline.title or "new timeline", ref), parts)

    def _draw_activity(self) -> None:
        """Draw the activity, the waiting messages and the lines below. Each scroll draws, so nothing is folded here."""
        shell, queue = self._shell, self._shell.queue
        stops = keys.name_key(self._app, "turn.stop", "Esc")
        going = f"running, {stops} stops" if shell.busy else "reading files …" if queue.packing else ""
        going = "stopping …" if shell.stopping else going
        end = keys.name_key(self._app, "prompt.end", "End")
        below = f"↓ {plural(shell.lines_below, 'line')} below, {end}" if shell.lines_below else ""
        vim = self._widgets.prompt.vim
        self._widgets.hint_line.show((vim.shown if vim else "", going, *queue.notes), below)
        self._widgets.waiting_list.show(queue.waiting)

    def _draw_keys(self) -> None:
        """Draw the keys of the prompt, of the block under the cursor, or of the search."""
        app, view = self._app, self._widgets.view
        if view.has_focus:
            shown = keys.marking(app) if view.marking else keys.pointing(app)
        elif self._shell.searching:
            shown = keys.finding(app)
        else:
            shown = keys.footer(app, pointed=view.place is not None)
        self._widgets.key_line.show(shown)
