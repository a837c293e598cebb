"""Usage and costs as a screen: totals, days, and a bar for each group."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ralph.core.errors import Failure
from ralph.core.ports.usage_report import BYS, GroupBy, UsageReport
from ralph.core.ports.workspace import Workspace
from ralph.tui.keys import hint, name_key
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.tables import usage
from ralph.tui.text import one_line

KEYS: Mapping[GroupBy, str] = {"day": "d", "month": "m", "model": "o", "provider": "p", "timeline": "t", "step": "s"}
TABS = "Usage by "
FOOTER = (
    ("", "← →", "group"),
    ("usage.measure", "c", "cost or tokens"),
    ("", "↑ ↓", "scroll"),
    ("usage.close", "Esc", "close"),
)
# From this height in lines the days get more than one line.
TALL = 32
# Below this height in lines the days are hidden.
LOW = 20


class UsageScreen(ModalScreen[None]):
    """The usage screen. It reads each grouping once; later spending appears when the screen opens again."""

    DEFAULT_CSS = """
    UsageScreen {
        align: center middle;
    }
    UsageScreen #usage {
        width: 100%;
        max-width: 140;
        height: 100%;
        max-height: 44;
        padding: 0 2;
        background: $surface;
        border: round $step-user;
    }
    UsageScreen #usage Static {
        height: auto;
    }
    UsageScreen #usage-head, UsageScreen #usage-days, UsageScreen #usage-columns {
        margin-top: 1;
    }
    UsageScreen #usage-days, UsageScreen #usage-columns, UsageScreen #usage-groups {
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    UsageScreen #usage-rows {
        scrollbar-gutter: stable;
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-background: $surface;
        scrollbar-color: $bar-rest;
    }
    UsageScreen #usage-keys {
        margin-top: 1;
    }
    UsageScreen.low #usage-days {
        display: none;
    }
    UsageScreen.low #usage-head, UsageScreen.low #usage-columns, UsageScreen.low #usage-keys {
        margin: 0;
    }
    UsageScreen.low #usage-head {
        max-height: 2;
    }
    """

    BINDINGS = [
        Binding("escape,q,ctrl+c", "dismiss", "close", id="usage.close"),
        *(Binding(key, f"group('{by}')", f"by {by}", id=f"usage.{by}") for by, key in KEYS.items()),
        Binding("right,tab", "step(1)", "next grouping", id="usage.next"),
        Binding("left,shift+tab", "step(-1)", "grouping before", id="usage.before"),
        Binding("c", "measure", "cost or tokens", id="usage.measure"),
        Binding("down", "roll(1)", "down", id="usage.down"),
        Binding("up", "roll(-1)", "up", id="usage.up"),
        Binding("pagedown", "roll(10)", "page down", id="usage.page_down"),
        Binding("pageup", "roll(-10)", "page up", id="usage.page_up"),
    ]

    def __init__(self, workspace: Workspace, by: GroupBy | None) -> None:
        """Without `by` the first grouping is by day, or by model if there is only one day."""
        super().__init__()
        self._workspace = workspace
        self._begins = by is None
        self._by: GroupBy = by or "day"
        self._measure: usage.Measure = "cost"
        self._accounts: dict[GroupBy, UsageReport] = {}
        self._titles: dict[str, str] = {}
        self._failed = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="usage"):
            yield Static(id="usage-tabs")
            yield Static(id="usage-head")
            yield Static(id="usage-days")
            yield Static(id="usage-columns")
            with VerticalScroll(id="usage-rows", can_focus=False):
                yield Static(id="usage-groups")
            yield Static(id="usage-keys")

    def on_mount(self) -> None:
        self._draw()
        self.action_group(self._by)

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < LOW, "low")
        self.call_after_refresh(self._draw)

    def action_group(self, by: GroupBy) -> None:
        self._by = by
        self.run_worker(self._show(by), exclusive=True, exit_on_error=False)

    def action_step(self, step: int) -> None:
        self.action_group(BYS[(BYS.index(self._by) + step) % len(BYS)])

    def on_click(self, event: events.Click) -> None:
        """Choose the grouping whose name in the first line was clicked."""
        if event.widget is not self.query_one("#usage-tabs"):
            return
        start = len(TABS)
        for by in BYS:
            end = start + len(f"[{KEYS[by]} {by}]")
            if start <= event.x < end:
                self.action_group(by)
            start = end

    def action_measure(self) -> None:
        self._measure = "tokens" if self._measure == "cost" else "cost"
        self._draw()

    def action_roll(self, lines: int) -> None:
        self.query_one("#usage-rows").scroll_relative(y=lines, animate=False)

    async def _show(self, by: GroupBy) -> None:
        self._failed = ""
        try:
            await self._read("day")
            if self._begins and len(self._accounts["day"].rows) < 2:
                self._by = by = "model"
            self._begins = False
            await self._read(by)
            if by == "timeline" and not self._titles:
                listed = await self._workspace.timelines.rows()
                self._titles = {row.id: f"{row.title} · {row.id}" for row in listed if row.title}
        except Failure as failure:
            self._failed = failure.message
        self._draw()
        self.query_one("#usage-rows").scroll_home(animate=False)

    async def _read(self, by: GroupBy) -> None:
        if by not in self._accounts:
            self._accounts[by] = await self._workspace.usage.report(by)

    def _draw(self) -> None:
        self._put("tabs", self._tabs())
        self._put("keys", Content.styled(hint(self.app, *FOOTER), "$muted"))
        account, days = self._accounts.get(self._by), self._accounts.get("day")
        if self._failed or account is None or days is None:
            self._put("head", Content(one_line(self._failed) or "reading the ledger …"))
            return
        if not account.total.attempts:
            self._put("head", Content("No request was sent to a model yet."))
            return
        width = self.query_one("#usage-rows").scrollable_content_region.width
        first, lines = usage.table(
            usage.rows(account, self._measure, self._titles), self._by, self._measure, max(60, width)
        )
        self._put("head", *usage.head(account))
        rise = 4 if self.size.height >= TALL else 1
        # A single bar compares nothing.
        self._put("days", *(usage.spark(days, self._measure, width, rise) if len(days.rows) > 1 else []))
        self._put("columns", first)
        self._put("groups", *lines)

    def _put(self, part: str, *lines: Content) -> None:
        self.query_one(f"#usage-{part}", Static).update(Content("\n").join(lines))

    def _tabs(self) -> Content:
        """Return the groupings with their keys. Brackets mark the shown one, so that colour is not the only mark."""
        parts: list[tuple[str, str]] = [(TABS, "bold")]
        for by in BYS:
            key = name_key(self.app, f"usage.{by}", KEYS[by])
            parts.append((f"[{key} {by}]", "bold $step-user") if by == self._by else (f" {key} {by} ", "$muted"))
        return Content.assemble(*parts)


def screen(ports: ScreenPorts, by: GroupBy | None = None) -> UsageScreen:
    """Return the screen for `show("usage", by=…)`."""
    return UsageScreen(ports.workspace, by)
