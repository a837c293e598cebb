"""The replay of `ralph demo`. It ends in a prompt for the person."""

from __future__ import annotations

from textual.binding import Binding

from ralph.tui.screens.replay import KEYS, ReplayScreen

# The exit code of the app if the person wants a prompt. It never leaves the process.
PROMPT = -1


class DemoScreen(ReplayScreen):
    """A replay that leads to the prompt whenever the person leaves it. Ctrl+C ends ralph."""

    WORD = "demo"
    KEYS = ((("demo.prompt",), "your own prompt"), *(row for row in KEYS if row[0] != ("replay.leave",)))
    BINDINGS = [Binding("enter", "leave", "your own prompt", id="demo.prompt")]

    def action_leave(self) -> None:
        self.app.exit(PROMPT)

    def action_interrupt(self) -> None:
        if self.get_selected_text():
            super().action_interrupt()
        else:
            self.app.exit(0)
