"""The list of themes, with a sample turn in the highlighted theme beside it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ralph.tui.keys import hint
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.theme_preview import preview_turn
from ralph.tui.timeline.blocks import drawings
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.view import TimelineView
from ralph.tui.widgets.options import Options


class ThemesScreen(ModalScreen[None]):
    """The theme picker. The program wears the highlighted theme. Enter passes it to `/theme`; Esc goes back."""

    DEFAULT_CSS = """
    ThemesScreen {
        align: center middle;
    }
    ThemesScreen #themes {
        width: 100%;
        max-width: 120;
        height: 100%;
        max-height: 32;
        padding: 0 2;
        background: $background;
        border: round $step-user;
    }
    ThemesScreen #themes-title {
        text-style: bold;
        height: 1;
    }
    ThemesScreen #themes-both {
        height: 1fr;
        margin: 1 0;
    }
    ThemesScreen #themes-list {
        width: 24;
        height: 100%;
        border: none;
        padding: 0 1 0 0;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus {
            border: none;
            background-tint: transparent;
        }
    }
    ThemesScreen #themes-turn {
        width: 1fr;
    }
    ThemesScreen #themes-keys {
        color: $muted;
        height: 1;
    }
    """

    BINDINGS = [Binding("escape,q,ctrl+c", "cancel", "cancel", id="theme.cancel")]

    def __init__(self, ports: ScreenPorts) -> None:
        super().__init__()
        self._themed = ports.app
        self._send = ports.send
        self._before, *_ = self._names = tuple(ports.app.themes())

    def compose(self) -> ComposeResult:
        with Vertical(id="themes"):
            yield Static(Content("Choose a theme"), id="themes-title")
            with Horizontal(id="themes-both"):
                yield Options(*(Option(self._label(name), name) for name in self._names), id="themes-list")
                yield TimelineView(id="themes-turn")
            keys = hint(self._themed, ("", "Enter", "choose"), ("", "↑ ↓", "try on"), ("theme.cancel", "Esc", "cancel"))
            yield Static(Content(keys), id="themes-keys")

    def on_mount(self) -> None:
        self.query_one("#themes-turn", TimelineView).replace(0, 0, drawings(preview_turn(), FoldState()))
        self.query_one(OptionList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option.id and event.option.id != self._themed.theme:
            self._themed.use_theme(event.option.id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(None)
        if event.option.id:
            self._send(f"/theme {event.option.id}")

    def on_item_scroll_scrolled(self, event: TimelineView.Scrolled) -> None:
        """Stop the message: the sample scrolled, and not the timeline."""
        event.stop()

    def action_cancel(self) -> None:
        self._themed.use_theme(self._before)
        self.dismiss(None)

    def _label(self, name: str) -> Content:
        """Return the name without its own colours: a list in twelve palettes is hard to read."""
        return Content(f"{name} (now)" if name == self._before else name)


def screen(ports: ScreenPorts) -> ThemesScreen:
    """Return the screen for `show("themes")`."""
    return ThemesScreen(ports)
