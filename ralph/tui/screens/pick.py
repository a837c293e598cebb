"""A list to pick one value from. Typing narrows the list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ralph.tui.keys import hint
from ralph.tui.text import one_line
from ralph.tui.widgets.options import Options

# The most rows of the list, and the rows around it: the frame, the title, the input line and the keys.
LIST_ROWS = 16
ROUND = 10
# Below this height in lines the dialog fills the screen without blank lines.
LOW = 18
ROUND_LOW = 6


class PickScreen(ModalScreen[str | None]):
    """A dialog with options of (value, label). It returns the value, or None."""

    DEFAULT_CSS = """
    PickScreen {
        align: center middle;
    }
    PickScreen #pick {
        width: 80%;
        max-width: 96;
        height: auto;
        max-height: 80%;
        padding: 1 2;
        background: $surface;
        border: round $step-user;
    }
    PickScreen #pick-title {
        text-style: bold;
        height: auto;
        max-height: 4;
    }
    PickScreen #pick-filter {
        border: none;
        padding: 0;
        height: 1;
        margin: 1 0;
        background: $background;
    }
    PickScreen #pick-list {
        height: auto;
        border: none;
        padding: 0;
        background: $surface;
        & > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    PickScreen #pick-keys {
        color: $muted;
        height: 1;
        margin-top: 1;
    }
    PickScreen.low #pick {
        max-height: 100%;
        padding: 0 2;
    }
    PickScreen.low #pick-filter, PickScreen.low #pick-keys {
        margin: 0;
    }
    """

    BINDINGS = [
        Binding("escape,ctrl+c", "dismiss_with(None)", "cancel", id="pick.cancel"),
        Binding("down", "move(1)", "down", id="pick.down", show=False, priority=True),
        Binding("up", "move(-1)", "up", id="pick.up", show=False, priority=True),
        Binding("pagedown", "move(10)", "page down", id="pick.page_down", show=False, priority=True),
        Binding("pageup", "move(-10)", "page up", id="pick.page_up", show=False, priority=True),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._shown: list[str] = []
        self._withdrawn = False

    def withdraw(self) -> None:
        """Close the dialog, because nobody waits for the choice. A dialog under another screen closes after it."""
        self._withdrawn = self.app.screen is not self
        if not self._withdrawn:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        if self._withdrawn:
            self._withdrawn = False  # once: a screen that is leaving may be resumed again
            self.dismiss(None)

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Static(Content(one_line(self._title)), id="pick-title")
            yield Input(placeholder="type to narrow", id="pick-filter")
            yield Options(id="pick-list")
            keys = hint(self.app, ("", "Enter", "choose"), ("pick.cancel", "Esc", "cancel"))
            yield Static(Content(keys), id="pick-keys")

    def on_resize(self) -> None:
        """Limit the height of the list, so that the line of keys stays in sight in a low terminal."""
        height = self.app.size.height
        self.set_class(height < LOW, "low")
        room = height - ROUND_LOW if height < LOW else int(height * 0.8) - ROUND
        self.query_one(OptionList).styles.max_height = max(1, min(LIST_ROWS, room))

    def on_mount(self) -> None:
        self._fill("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._shown[at])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])

    def action_dismiss_with(self, value: str | None) -> None:
        self.dismiss(value)

    def action_move(self, step: int) -> None:
        found = self.query_one(OptionList)
        if self._shown:
            found.highlighted = max(0, min(len(self._shown) - 1, (found.highlighted or 0) + step))

    def _fill(self, text: str) -> None:
        words = text.casefold().split()
        kept = [(v, label) for v, label in self._options if all(w in f"{v} {label}".casefold() for w in words)]
        self._shown = [value for value, _ in kept]
        self._list([label for _, label in kept], "no match")

    def _list(self, labels: Sequence[str], none: str) -> None:
        """Show these labels and highlight the first. `none` says why there are none."""
        found = self.query_one(OptionList)
        found.clear_options()
        if labels:
            found.add_options([Option(Content(one_line(label))) for label in labels])
            found.highlighted = 0
        else:
            found.add_option(Option(Content.styled(none, "$muted"), disabled=True))
