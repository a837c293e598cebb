"""The timelines picker: saved conversations, found by title or contents, with a glimpse into the highlighted one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from ralph.core.errors import Failure
from ralph.core.formatting import plural
from ralph.core.timeline.rows import TimelineRow
from ralph.tui.keys import hint
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens._sheet import Sheet
from ralph.tui.screens._timeline_glimpse import TimelineGlimpse
from ralph.tui.tables import timelines
from ralph.tui.text import one_line
from ralph.tui.widgets.options import Options

# Seconds without typing before the search begins.
TYPING_S = 0.15
# From this width in cells the glimpse stands beside the list, otherwise below it.
WIDE = 120
# Below this height in lines there is no glimpse: the list needs the lines.
LOW = 20
KEYS = (
    ("", "Enter", "open"),
    ("timelines.rename", "F2", "rename"),
    ("timelines.fork", "Ctrl+F", "fork"),
    ("timelines.delete", "Del", "delete"),
    ("timelines.cancel", "Esc", "cancel"),
)


class TimelinesScreen(Sheet[None]):
    """The timelines picker. `/timelines` opens a timeline. The screen deletes and renames, after a question."""

    DEFAULT_CSS = """
    TimelinesScreen #timelines-body {
        layout: vertical;
        height: 1fr;
    }
    TimelinesScreen.low #timelines-look {
        display: none;
    }
    TimelinesScreen.low #timelines-filter, TimelinesScreen.low .sheet-keys {
        margin: 0;
    }
    TimelinesScreen.wide #timelines-body {
        layout: horizontal;
    }
    TimelinesScreen.wide #timelines-left {
        width: 3fr;
    }
    TimelinesScreen.wide #timelines-look {
        width: 2fr;
        height: 1fr;
        padding-left: 1;
        border-top: none;
        border-left: solid $bar-rest;
    }
    TimelinesScreen #timelines-name {
        display: none;
    }
    TimelinesScreen.naming #timelines-name {
        display: block;
    }
    TimelinesScreen #timelines-ask {
        height: auto;
        max-height: 3;
    }
    """
    BINDINGS = [
        Binding("escape,ctrl+c", "leave", "cancel", id="timelines.cancel", priority=True),
        Binding("down", "move('cursor_down')", "down", id="timelines.down", priority=True),
        Binding("up", "move('cursor_up')", "up", id="timelines.up", priority=True),
        Binding("pagedown", "move('page_down')", "page down", id="timelines.page_down", priority=True),
        Binding("pageup", "move('page_up')", "page up", id="timelines.page_up", priority=True),
        Binding("f2", "rename", "rename it", id="timelines.rename", priority=True),
        Binding("ctrl+f", "fork", "fork it and go there", id="timelines.fork", priority=True),
        Binding("delete,ctrl+d", "delete", "delete it, after a yes", id="timelines.delete", priority=True),
        Binding("y", "answer(True)", "yes", id="timelines.yes"),
        Binding("n", "answer(False)", "no", id="timelines.no"),
    ]

    def __init__(self, ports: ScreenPorts, search: str = "") -> None:
        super().__init__()
        self._ports = ports
        self._search = search
        self._rows: tuple[TimelineRow, ...] = ()
        self._parents: dict[str, str | None] = {}
        self._waiting: Timer | None = None
        self._highlighted = ""
        self._shown: str | None = None
        self._yes: Callable[[], Awaitable[object]] | None = None
        self._asked_of: TimelineRow | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield Static(Content("Timelines, latest first"), classes="sheet-title")
            yield Input(self._search, placeholder="type to search titles and contents", id="timelines-filter")
            with Container(id="timelines-body"):
                with Vertical(id="timelines-left"):
                    yield Static(id="timelines-head", classes="sheet-line")
                    yield Options(id="timelines-list")
                yield TimelineGlimpse(self._row, self._ports, lambda: self._search)
            yield Static(id="timelines-ask")
            yield Input(id="timelines-name")
            yield Static(Content(hint(self.app, *KEYS)), classes="sheet-keys")

    def on_mount(self) -> None:
        self._fit()
        self.query_one(OptionList).can_focus = False
        self.query_one("#timelines-filter").focus()
        self.call_after_refresh(self._find)

    def on_resize(self) -> None:
        self._fit()
        self.call_after_refresh(self._fill)

    def _fit(self) -> None:
        size = self.app.size
        wide = size.width >= WIDE
        self.set_class(wide, "wide")
        self.set_class(size.height < LOW and not wide, "low")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable `y` and `n` only while a question is open. Disable the keys of the list meanwhile."""
        if action == "answer":
            return self._yes is not None
        return action in ("leave", "dismiss") or not (self._yes or self.has_class("naming"))

    # Finding.

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "timelines-filter" and event.value != self._search:
            self._search = event.value
            if self._waiting:
                self._waiting.stop()
            self._waiting = self.set_timer(TYPING_S, self._find)

    def _find(self) -> None:
        _: Worker[None] = self.run_worker(self._read, group="find", exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        """Read the list again. After a repeated search the highlight stays in its place."""
        search = self._search.strip()
        again, self._shown = search == self._shown, search
        try:
            self._rows = await self._ports.workspace.timelines.rows(search)
            whole = await self._ports.workspace.timelines.rows() if search and not self._parents else self._rows
        except Failure as failure:
            self._tell(failure.message)
            return
        if not search or not self._parents:
            self._parents = {row.id: row.forked_from for row in whole}
        self._fill(first=not again)

    def _fill(self, *, first: bool = False) -> None:
        found, before = self.query_one(OptionList), self._highlighted
        width, now, here = found.scrollable_content_region.width, self._ports.clock.now(), self._ports.conversation().id
        ids = [row.id for row in self._rows]
        at = 0 if first else ids.index(before) if before in ids else found.highlighted or 0
        self.put("timelines-head", timelines.head(width))
        found.clear_options()
        found.add_options([Option(timelines.line(row, here, now, self._search, width)) for row in self._rows])
        if self._rows:
            found.highlighted = min(at, len(self._rows) - 1)
            self._highlighted = ids[found.highlighted]
            return
        none = f"No timeline holds “{one_line(self._search)}”." if self._search.strip() else "No timeline is saved yet."
        self.put("timelines-head", Content.styled(none, "$muted"))
        self.query_one(TimelineGlimpse).put("")

    # The glimpse.

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._rows):
            self._highlighted = self._rows[event.option_index].id
        self.query_one(TimelineGlimpse).look()

    def _row(self) -> TimelineRow | None:
        at = self.query_one(OptionList).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    # Actions.

    def action_move(self, how: str) -> None:
        getattr(self.query_one(OptionList), f"action_{how}")()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "timelines-name":
            self._rename(event.value.strip())
        elif row := self._row():
            self._open(row.id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if not self._yes and not self.has_class("naming"):
            self._open(self._rows[event.option_index].id)

    def _open(self, timeline: str) -> None:
        self.dismiss(None)
        self._ports.send(f"/timelines {timeline}")

    def action_leave(self) -> None:
        """End a question, or else close the screen."""
        if self._yes or self.has_class("naming"):
            self._end_ask()
        else:
            self.dismiss(None)

    def action_fork(self) -> None:
        if row := self._row():
            self._do(lambda: self._fork(row.id))

    async def _fork(self, timeline: str) -> None:
        self._open(await self._ports.workspace.timelines.fork(timeline))

    def action_rename(self) -> None:
        if row := self._row():
            self._asked_of = row
            self._tell("New title, then Enter:", "")
            self.add_class("naming")
            name = self.query_one("#timelines-name", Input)
            name.value = row.title
            name.focus()

    def _rename(self, title: str) -> None:
        row = self._asked_of
        self._end_ask()
        if row and title and title != row.title:
            self._do(lambda: self._ports.workspace.timelines.rename(row.id, title))

    def action_delete(self) -> None:
        if row := self._row():
            self._do(lambda: self._ask_delete(row))

    async def _ask_delete(self, row: TimelineRow) -> None:
        """Ask before deleting. The open timeline and those that it was forked from cannot be deleted."""
        if row.id in self._lineage(self._ports.conversation().id):
            self._tell("This timeline, or a fork of it, is open here; open another with /new first.")
            return
        forks = await self._ports.workspace.timelines.forks(row.id)
        also = f" Its {plural(len(forks), 'fork')} will be deleted too." if forks else ""
        title = one_line(row.title) or row.id
        self._tell(f"Delete “{title}”?{also} What it cost stays in the ledger.  {self._answers()}")
        self._yes = lambda: self._ports.workspace.timelines.delete(row.id, with_forks=bool(forks))
        self.set_focus(None)

    def _answers(self) -> str:
        return hint(self.app, ("timelines.yes", "y", "yes"), ("timelines.no", "n", "no"))

    def action_answer(self, yes: bool) -> None:
        work = self._yes
        self._end_ask()
        if yes and work:
            self._do(work)

    def _lineage(self, timeline: str) -> list[str]:
        made: list[str] = []
        name: str | None = timeline
        while name and name not in made:
            made.append(name)
            name = self._parents.get(name)
        return made

    def _end_ask(self) -> None:
        self._yes = self._asked_of = None
        self.remove_class("naming")
        self.put("timelines-ask", "")
        self.query_one("#timelines-filter").focus()

    def _do(self, work: Callable[[], Awaitable[object]]) -> None:
        """Run work in the background. A failure is shown as a sentence on this screen."""

        async def do() -> None:
            try:
                await work()
            except Failure as failure:
                self._tell(failure.message)
            else:
                if self.is_attached and not self._yes:
                    self._find()

        _: Worker[None] = self.run_worker(do, group="do", exit_on_error=False)

    def _tell(self, text: str, mark: str = "! ") -> None:
        self.put("timelines-ask", Content.styled(f"{mark}{one_line(text)}", "$text-warning" if mark else ""))


def screen(ports: ScreenPorts, search: str = "") -> TimelinesScreen:
    """Return the screen for `show("timelines", search=…)`."""
    return TimelinesScreen(ports, search)
