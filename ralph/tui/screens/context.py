"""The contents of the next request as a screen: the window, its parts, and the share of each turn."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ralph.core.errors import Failure
from ralph.core.ports.context import ContextReport
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace
from ralph.tui.keys import hint
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens._sheet import Sheet
from ralph.tui.tables import context
from ralph.tui.text import one_line

# Below this height in lines only the turns are shown, without the facts about them.
LOW = 20


class ContextScreen(Sheet[None]):
    """The context screen. The contents are weighed once, when the screen opens."""

    DEFAULT_CSS = """
    ContextScreen Static {
        height: auto;
    }
    ContextScreen #context-bar, ContextScreen #context-facts, ContextScreen #context-columns {
        margin-top: 1;
    }
    ContextScreen #context-turns, ContextScreen #context-columns {
        text-wrap: nowrap;
    }
    ContextScreen.low #context-facts, ContextScreen.low #context-parts {
        display: none;
    }
    ContextScreen.low Static {
        margin: 0;
    }
    ContextScreen.low #context-head {
        max-height: 2;
    }
    """
    BINDINGS = [
        Binding("escape,q,ctrl+c", "dismiss", "close", id="context.close"),
        Binding("down", "roll(1)", "down", id="context.down"),
        Binding("up", "roll(-1)", "up", id="context.up"),
        Binding("pagedown", "roll(10)", "page down", id="context.page_down"),
        Binding("pageup", "roll(-10)", "page up", id="context.page_up"),
    ]

    def __init__(self, workspace: Workspace, conversation: Conversation) -> None:
        super().__init__()
        self._workspace = workspace
        self._conversation = conversation
        self._report: ContextReport | None = None
        self._failed = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield Static(Content("What the next request contains"), classes="sheet-title")
            yield Static(id="context-head")
            yield Static(id="context-bar")
            yield Static(id="context-parts")
            yield Static(id="context-facts")
            yield Static(id="context-columns")
            with VerticalScroll(id="context-scroll", can_focus=False):
                yield Static(id="context-turns")
            scroll, close = ("", "↑ ↓ PageUp PageDown", "scroll"), ("context.close", "Esc", "close")
            keys = hint(self.app, scroll, ("", "figures with ~", "are estimates"), close)
            yield Static(Content(keys), classes="sheet-keys")

    def on_mount(self) -> None:
        self._draw()
        self.run_worker(self._read(), exit_on_error=False)

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < LOW, "low")
        self.call_after_refresh(self._draw)

    def action_roll(self, lines: int) -> None:
        self.query_one("#context-scroll").scroll_relative(y=lines, animate=False)

    async def _read(self) -> None:
        try:
            self._report = await self._workspace.models.context(self._conversation)
        except Failure as failure:
            self._failed = failure.message
        self._draw()

    def _draw(self) -> None:
        report = self._report
        if report is None:
            self.put("context-head", one_line(self._failed) or "weighing …")
            return
        width = self.query_one("#context-scroll").scrollable_content_region.width
        self.put("context-head", *context.head(report))
        self.put("context-bar", context.bar(report, width))
        self.put("context-parts", *context.legend(report))
        self.put("context-facts", *context.facts(report))
        self.put("context-columns", Content.styled(" turn    tokens", "$faint") if report.turns else "")
        self.put("context-turns", *context.rows(report, width))


def screen(ports: ScreenPorts) -> ContextScreen:
    """Return the screen for `show("context")`."""
    return ContextScreen(ports.workspace, ports.conversation())
