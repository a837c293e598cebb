"""The entry of a key: the screen shows dots, and only the caller gets the key."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ralph.core.keys import bare_key
from ralph.tui.keys import hint
from ralph.tui.text import one_line


class KeyInput(Input):
    """An input for keys. It strips the line breaks around a paste, which many copy buttons add."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(bare_key(event.text))


class KeyEntryScreen(ModalScreen[str | None]):
    """A dialog that returns the entered key, or None if the person cancels."""

    DEFAULT_CSS = """
    KeyEntryScreen {
        align: center middle;
    }
    KeyEntryScreen #key-entry {
        width: 80%;
        max-width: 96;
        height: auto;
        padding: 1 2;
        background: $surface;
        border: round $step-user;
    }
    KeyEntryScreen #key-entry-title {
        text-style: bold;
    }
    KeyEntryScreen #key-entry-note, KeyEntryScreen #key-entry-keys {
        color: $muted;
    }
    KeyEntryScreen KeyInput {
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

    BINDINGS = [Binding("escape,ctrl+c", "cancel", "cancel", id="key_entry.cancel", priority=True)]

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title = title
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(id="key-entry"):
            yield Static(Content(one_line(self._title)), id="key-entry-title")
            yield Static(Content(one_line(self._note)), id="key-entry-note")
            yield KeyInput(placeholder="paste or type the key", password=True, id="key-entry-key")
            keys = hint(self.app, ("", "Enter", "test it"), ("key_entry.cancel", "Esc", "cancel"))
            yield Static(Content(keys), id="key-entry-keys")

    def on_mount(self) -> None:
        self.query_one(KeyInput).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def withdraw(self) -> None:
        """Close the dialog, because nobody waits for the key any more."""
        if self.app.screen is self:
            self.dismiss(None)
