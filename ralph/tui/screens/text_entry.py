"""The entry of one line of text: an answer to a question of a tool's server."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ralph.tui.keys import hint
from ralph.tui.text import one_line


class TextEntryScreen(ModalScreen[str | None]):
    """A dialog that returns the entered text, or None if the person cancels."""

    DEFAULT_CSS = """
    TextEntryScreen {
        align: center middle;
    }
    TextEntryScreen #text-entry {
        width: 80%;
        max-width: 96;
        height: auto;
        padding: 1 2;
        background: $surface;
        border: round $step-user;
    }
    TextEntryScreen #text-entry-title {
        text-style: bold;
    }
    TextEntryScreen #text-entry-note, TextEntryScreen #text-entry-keys {
        color: $muted;
    }
    TextEntryScreen Input {
        border: none;
        padding: 0;
        height: 1;
        margin: 1 0;
        background: $background;
        &:focus {
            border: none;
        }
    }
    """

    BINDINGS = [Binding("escape,ctrl+c", "cancel", "cancel", id="text_entry.cancel", priority=True)]

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title = title
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(id="text-entry"):
            yield Static(Content(one_line(self._title)), id="text-entry-title")
            yield Static(Content(one_line(self._note)), id="text-entry-note")
            yield Input(id="text-entry-input")
            keys = hint(self.app, ("", "Enter", "answer"), ("text_entry.cancel", "Esc", "cancel"))
            yield Static(Content(keys), id="text-entry-keys")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def withdraw(self) -> None:
        """Close the dialog, because nobody waits for the text any more."""
        if self.app.screen is self:
            self.dismiss(None)
