"""The prompt: where a person writes, sends, and finds what they wrote before."""

from __future__ import annotations

import re
from collections.abc import Iterable

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import TextArea

# Terminals without the kitty protocol send a plain Enter for Shift+Enter; xterm's modifyOtherKeys gives `shift+\r`.
NEWLINE_KEYS = frozenset({"shift+enter", "shift+\r"})
_NEWLINES = re.compile(r"\r\n?")


class Prompt(TextArea):
    """Grows to ten rows. Enter sends; a newline is Ctrl+J, Shift+Enter, or a backslash before Enter."""

    BINDINGS = [
        Binding("ctrl+j", "newline", "newline", id="prompt.newline", show=True),
        Binding("up", "earlier", "earlier", id="prompt.earlier", show=False),
        Binding("down", "later", "later", id="prompt.later", show=False),
        Binding("shift+up", "select_up", "up to the blocks", id="prompt.point", show=False),
        Binding("ctrl+d", "delete_or_quit", "quit", id="prompt.quit", show=False),
        Binding("pageup", "app.page(-1)", "page up", id="prompt.page_up", show=False),
        Binding("pagedown", "app.page(1)", "page down", id="prompt.page_down", show=False),
        Binding("home", "home", "start", id="prompt.home", show=False),
        Binding("end", "end", "end", id="prompt.end", show=False),
    ]

    class Sent(Message):
        """The person pressed Enter on some text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="Ask something, or / for commands",
        )
        self._history: list[str] = []
        self._place = 0
        self._draft = ""

    def remember(self, prompts: Iterable[str]) -> None:
        """The prompts that Up finds, oldest first."""
        self._history = [p for p in prompts if p.strip()]
        self._place = len(self._history)

    def write(self, text: str) -> None:
        """Replace what stands there, with the cursor behind it."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    # Overrides without `super`: Textual calls the handler of every class in the MRO by itself.

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self._enter()
        elif event.key in NEWLINE_KEYS:
            event.prevent_default()
            event.stop()
            self.action_newline()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.insert(_NEWLINES.sub("\n", event.text))

    def action_newline(self) -> None:
        self.insert("\n")

    def action_earlier(self) -> None:
        """Up on the first row goes back in what was sent; elsewhere it moves the cursor."""
        if self.cursor_at_first_line and self._place > 0:
            if self._place == len(self._history):
                self._draft = self.text
            self._place -= 1
            self.write(self._history[self._place])
        else:
            self.action_cursor_up()

    def action_later(self) -> None:
        if self.cursor_at_last_line and self._place < len(self._history):
            self._place += 1
            self.write(self._history[self._place] if self._place < len(self._history) else self._draft)
        else:
            self.action_cursor_down()

    async def action_select_up(self) -> None:
        """Shift+Up selects while there is text, else it goes up to the blocks."""
        if self.text:
            self.action_cursor_up(True)
        else:
            await self.run_action("app.point")

    async def action_delete_or_quit(self) -> None:
        if self.text:
            self.action_delete_right()
        else:
            await self.run_action("app.leave")

    async def action_home(self) -> None:
        """Home and End are the line's while there is text, else the timeline's."""
        if self.text:
            self.action_cursor_line_start()
        else:
            await self.run_action("app.top")

    async def action_end(self) -> None:
        if self.text:
            self.action_cursor_line_end()
        else:
            await self.run_action("app.end")

    def _enter(self) -> None:
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if column and line[column - 1] == "\\":
            self.replace("\n", (row, column - 1), (row, column))
            return
        text = self.text
        if text.strip():
            if not self._history or self._history[-1] != text:
                self._history.append(text)
            self._place, self._draft = len(self._history), ""
            self.load_text("")
            self.post_message(self.Sent(text))
