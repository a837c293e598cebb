"""Help as a screen: first steps, commands by topic, and the mapped keys. Typing narrows the rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from ralph.commands._help_topics import group_by_topic
from ralph.core.ports.face import Command
from ralph.tui import keys
from ralph.tui.brush import fit
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens._sheet import Sheet

Row = tuple[str, str]
Section = tuple[str, Sequence[Row]]

FIRST_STEPS: Sequence[Row] = (
    ("ask", "Type a question and press Enter. Every step shows which model did it, how long it took and what it cost."),
    ("connect", "/connect enters a key or finds a server; /model chooses the model that answers."),
    ("go back", "Everything is saved as it happens. /timelines finds it again, by its title or by what was said."),
    ("look closer", "{details} unfolds the steps, /usage shows the money, /context what the next request contains."),
)


class HelpScreen(Sheet[None]):
    """A sheet of sections that the person narrows by typing."""

    BINDINGS = [
        Binding("escape,ctrl+c", "dismiss", "close", id="help.close", priority=True),
        Binding("down", "roll(1)", "down", id="help.down", priority=True),
        Binding("up", "roll(-1)", "up", id="help.up", priority=True),
        Binding("pagedown", "page(1)", "page down", id="help.page_down", priority=True),
        Binding("pageup", "page(-1)", "page up", id="help.page_up", priority=True),
        Binding("ctrl+home", "top", "to the start", id="help.top", priority=True),
        Binding("ctrl+end", "end", "to the end", id="help.end", priority=True),
    ]

    NAME = "Help"

    def __init__(self, sections: Sequence[Section], words: str = "") -> None:
        """`words` narrow the rows at first."""
        super().__init__()
        self._sections = sections
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield Static(Content(self.NAME), classes="sheet-title")
            yield Input(self._words, placeholder="type to narrow", id="help-filter")
            with VerticalScroll(id="help-scroll", can_focus=False):
                yield Static(id="help-text")
            line = keys.hint(self.app, ("", "↑ ↓ PageUp PageDown", "scroll"), ("help.close", "Esc", "close"))
            yield Static(Content(line), classes="sheet-keys")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def on_input_changed(self) -> None:
        self._draw()
        self.query_one("#help-scroll").scroll_home(animate=False)

    def action_roll(self, lines: int) -> None:
        self.query_one("#help-scroll").scroll_relative(y=lines, animate=False)

    def action_page(self, direction: int) -> None:
        scroll = self.query_one("#help-scroll")
        scroll.scroll_relative(y=direction * max(1, scroll.size.height - 2), animate=False)

    def action_top(self) -> None:
        self.query_one("#help-scroll").scroll_home(animate=False)

    def action_end(self) -> None:
        self.query_one("#help-scroll").scroll_end(animate=False)

    def _draw(self) -> None:
        words = self.query_one(Input).value.casefold().split()
        width = self.query_one("#help-scroll").scrollable_content_region.width
        shown = lines(narrow(self._sections, words), max(40, width))
        self.put("help-text", *shown or [Content.styled("Nothing here matches these words.", "$muted")])


def narrow(sections: Sequence[Section], words: Sequence[str]) -> list[Section]:
    """Return the rows that contain all words. The title of a topic counts for each of its rows."""
    made: list[Section] = []
    for title, rows in sections:
        kept = [r for r in rows if all(w in f"{title} {r[0]} {r[1]}".casefold() for w in words)]
        if kept:
            made.append((title, kept))
    return made


def lines(sections: Sequence[Section], width: int) -> list[Content]:
    """Return two columns. Text that does not fit beside its left column goes below it."""
    made: list[Content] = []
    for title, rows in sections:
        column = min(max(cell_len(left) for left, _ in rows), width * 2 // 5) + 2
        made += [Content("")] if made else []
        made.append(Content.styled(title, "bold $step-user"))
        for left, right in rows:
            told = textwrap.wrap(right, max(20, width - column)) or [""]
            if cell_len(left) > column - 2:
                made.append(Content.styled(left, "bold"))
            else:
                made.append(Content.assemble((fit(left, column), "bold"), (told.pop(0), "")))
            made += [Content(" " * column + more) for more in told]
    return made


def _commands(commands: Sequence[Command]) -> list[Section]:
    return [(topic, [(_signature(c), _describe(c)) for c in found]) for topic, found in group_by_topic(commands)]


def _signature(command: Command) -> str:
    return f"/{command.name} {command.usage}".rstrip()


def _describe(command: Command) -> str:
    also = ", ".join(a if a.startswith(":") else f"/{a}" for a in command.aliases)
    return f"{command.summary} (also {also})" if also else command.summary


def own_keys(app: App[Any], screen: Screen[object]) -> list[Row]:
    """Return the mapped keys of a screen, for a screen other than the timeline."""
    made: dict[str, str] = {}
    for binding in _bindings(type(screen)):
        key = app._keymap.get(binding.id or "", binding.key)
        if binding.description:
            made.setdefault(", ".join(keys.display(k) for k in key.split(",")), binding.description)
    return list(made.items())


def _bindings(kind: type) -> Iterable[Binding]:
    return [b for b in vars(kind).get("BINDINGS", ()) if isinstance(b, Binding)]


def screen(ports: ScreenPorts) -> HelpScreen:
    """Return the screen for `show("help")`. It opens over any other screen."""
    sections: list[Section] = []
    app, here = ports.app, ports.app.screen
    if len(app.screen_stack) > 1 and (found := own_keys(app, here)):
        name = type(here).__name__.removesuffix("Screen").lower()
        sections.append((f"Keys here ({name})", found))
    details = keys.name_key(app, "view.details", "Ctrl+O")
    first = [(left, right.format(details=details)) for left, right in FIRST_STEPS]
    sections += [("First steps", first), *_commands(ports.commands), ("Keys", keys.help_rows(app))]
    return HelpScreen(sections)
