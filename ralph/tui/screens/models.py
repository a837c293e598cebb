"""The model picker: every model of every connected provider. It is usable while slow providers have not answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ralph.core.errors import Failure
from ralph.core.ports.rows import ModelRow
from ralph.tui.keys import hint
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens._sheet import Sheet
from ralph.tui.tables import models
from ralph.tui.tables.models import Listed, Using
from ralph.tui.widgets.options import Options

log = logging.getLogger("ralph.tui")

# Seconds to wait for the list of a provider.
LIST_S = 30.0

KEYS = (
    ("", "Enter", "choose"),
    ("models.role", "Tab", "next use"),
    ("", "↑ ↓", "move"),
    ("models.cancel", "Esc", "cancel"),
)

# The uses of a model: the words on the screen, and the argument of `/model`.
FOR: Mapping[str, str] = {
    "answers": "", "routing": "route", "tool calls": "tool", "answer text": "format", "everything": "route tool format",
}  # fmt: skip


class ModelScreen(Sheet[None]):
    """The model picker. Enter passes the model to `/model`, which changes the roles."""

    DEFAULT_CSS = """
    /* Two lines, always: the list does not jump, and nothing that is known is cut. */
    ModelScreen #models-detail {
        height: 2;
        margin-top: 1;
        text-wrap: wrap;
    }
    ModelScreen .sheet-keys {
        margin-top: 0;
    }
    """

    BINDINGS = [
        Binding("escape,ctrl+c", "dismiss", "cancel", id="models.cancel", priority=True),
        Binding("down", "move('cursor_down')", "down", id="models.down", priority=True),
        Binding("up", "move('cursor_up')", "up", id="models.up", priority=True),
        Binding("pagedown", "move('page_down')", "page down", id="models.page_down", priority=True),
        Binding("pageup", "move('page_up')", "page up", id="models.page_up", priority=True),
        Binding("tab", "role(1)", "next use of the model", id="models.role", priority=True),
        Binding("shift+tab", "role(-1)", "use of the model before", id="models.role_before", priority=True),
    ]

    def __init__(self, ports: ScreenPorts) -> None:
        super().__init__()
        self._ports = ports
        self._listed = {row.name: Listed(row) for row in ports.workspace.models.providers()}
        self._using = Using(ports.conversation().roles, ports.workspace.models.aliases())
        self._for = 0
        self._moved = False
        self._refs: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield Static(Content("Choose a model"), classes="sheet-title")
            yield Input(placeholder="type to narrow", id="models-filter")
            yield Static(id="models-for", classes="sheet-line")
            yield Static(id="models-head", classes="sheet-line")
            yield Options(id="models-list")
            yield Static(id="models-detail", classes="sheet-line")
            yield Static(Content(hint(self.app, *KEYS)), classes="sheet-keys")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.query_one(OptionList).can_focus = False
        self._say_for()
        self.call_after_refresh(self._fill)
        for name, one in self._listed.items():
            if one.provider.configured:
                self.run_worker(self._ask(name), exit_on_error=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

    def on_input_changed(self) -> None:
        self._moved = False
        self._fill()

    def on_input_submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._choose(at)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def on_option_list_option_highlighted(self) -> None:
        self._detail()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self.query_one("#models-for"):
            self.action_role(1)

    def action_move(self, how: str) -> None:
        self._moved = True
        getattr(self.query_one(OptionList), f"action_{how}")()

    def action_role(self, step: int) -> None:
        self._for = (self._for + step) % len(FOR)
        self._say_for()

    async def _ask(self, name: str) -> None:
        """Ask one provider for its list, or for the sentence that says why there is none."""
        provider = self._listed[name].provider
        try:
            async with asyncio.timeout(LIST_S):
                made = Listed(provider, await self._ports.workspace.models.list_rows(name))
        except Failure as failure:
            made = Listed(provider, failed=failure.message)
        except TimeoutError:
            made = Listed(provider, failed=f"no answer within {LIST_S:.0f} s")
        except Exception as error:  # border: without a result this row would say "loading the list …" for ever
            log.exception("the models of %s could not be listed", name)
            made = Listed(provider, failed=f"ralph hit a bug: {error!r}; the log has the rest")
        self._listed[name] = made
        if self.is_attached:
            self._fill()

    def _choose(self, at: int) -> None:
        if ref := self._refs[at]:
            self.dismiss(None)
            self._ports.send(f"/model {ref} {list(FOR.values())[self._for]}".rstrip())

    def _fill(self) -> None:
        """Redraw all lines. Highlight the line that the person went to, or else the model in use or the best match."""
        found = self.query_one(OptionList)
        width = found.scrollable_content_region.width
        typed = self.query_one(Input).value
        shown = models.lines(tuple(self._listed.values()), self._using, typed, width)
        at = found.highlighted
        kept = "" if typed else self._using.roles.get("format", "")
        if self._moved and at is not None:
            kept = self._refs[at]
        self._refs = [line.ref for line in shown]
        self.put("models-head", models.head(width))
        found.clear_options()
        found.add_options([Option(line.content, disabled=not line.ref) for line in shown])
        choices = [n for n, ref in enumerate(self._refs) if ref]
        found.highlighted = next((n for n in choices if self._refs[n] == kept), next(iter(choices), None))
        self._detail()

    def _detail(self) -> None:
        at = self.query_one(OptionList).highlighted
        ref = self._refs[at] if at is not None and at < len(self._refs) else ""
        model = next((m for m in self._models() if m.ref == ref), None)
        self.put("models-detail", Content.styled(models.detail(model, self._using) if model else ref, "$muted"))

    def _models(self) -> list[ModelRow]:
        return [m for one in self._listed.values() for m in one.models or ()]

    def _say_for(self) -> None:
        """Show the uses of a model. Brackets mark the chosen one, so that colour is not the only mark."""
        parts: list[tuple[str, str]] = [("use for ", "$muted")]
        for n, words in enumerate(FOR):
            parts.append((f"[{words}]", "bold $step-user") if n == self._for else (f" {words} ", "$muted"))
        self.put("models-for", Content.assemble(*parts))


def screen(ports: ScreenPorts) -> ModelScreen:
    """Return the screen for `show("models")`."""
    return ModelScreen(ports)
