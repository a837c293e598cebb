"""The search bar: an input for the words, the number of matches, and the number of the match that is shown."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ralph.tui import keys


class FindBar(Horizontal):
    """The search bar above the prompt while a search is open."""

    DEFAULT_CSS = """
    FindBar {
        height: 1;
        padding: 0 1;
        background: $surface;
    }
    FindBar #find-name {
        width: 5;
        color: $muted;
    }
    FindBar #find-words {
        width: 1fr;
        height: 1;
        border: none;
        padding: 0;
        background: $surface;
    }
    FindBar #find-count {
        width: auto;
        color: $muted;
    }
    """

    BINDINGS = keys.FIND

    class Sought(Message):
        """The searched words have changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Go(Message):
        """Go to the next match (1) or the previous one (-1)."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Closed(Message):
        """The search was closed."""

    def __init__(self, leave: Callable[[], None], text: str = "") -> None:
        """`leave` gives the focus away at once: the next key may come before the message `Closed`."""
        super().__init__(id="find")
        self._leave = leave
        self._text = text

    def compose(self) -> ComposeResult:
        yield Static(Content("find"), id="find-name")
        yield Input(self._text, placeholder="find in this timeline", id="find-words")
        yield Static(Content(""), id="find-count")

    def on_mount(self) -> None:
        self.again()

    def again(self) -> None:
        """Focus the input and select its words, so that typing replaces them."""
        words = self.query_one(Input)
        self.screen.set_focus(words)  # at once: the next key is for the input
        words.action_select_all()

    def tell(self, text: str) -> None:
        """Show the number of matches."""
        self.query_one("#find-count", Static).update(Content(text))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Sought(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Go(1))

    def action_go(self, step: int) -> None:
        self.post_message(self.Go(step))

    def action_close(self) -> None:
        self._leave()
        self.post_message(self.Closed())
