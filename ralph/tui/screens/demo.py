"""The replay of `ralph demo`: it ends in a prompt of the person's own."""

from __future__ import annotations

from textual.binding import Binding

from ralph.tui.screens.replay import KEYS, ReplayScreen

# The exit code by which the program says that a prompt is wanted; it never leaves the process.
PROMPT = -1


class DemoScreen(ReplayScreen):
    """Leaving it at any moment leads to the prompt; Ctrl+C ends ralph."""

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
