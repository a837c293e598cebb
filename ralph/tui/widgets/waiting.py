"""The list above the prompt of messages that wait until the running turn ends."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from ralph.tui.brush import fit
from ralph.tui.keys import name_key
from ralph.tui.text import one_line

ROWS = 5


class WaitingList(Widget):
    """A row for each message, the next one first. The list is hidden while no message waits."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._messages: Sequence[str] = ()
        self.display = False

    def show(self, messages: Sequence[str]) -> None:
        if list(messages) != list(self._messages):
            self._messages = messages
            self.display = bool(messages)
            self.refresh(layout=True)

    @property
    def text(self) -> str:
        return self.render().plain if self.display else ""

    def render(self) -> Content:
        width = self.size.width
        rows = list(self._messages[:ROWS])
        keys = f"  {name_key(self.app, 'prompt.earlier', 'Up')} takes the last one back "
        made = [
            Content.assemble(
                (f" {'next' if not n else 'then'}: ", "$step-user"),
                (fit(one_line(row), max(0, width - 7 - (0 if n else len(keys)))), "$muted"),
                ("" if n else keys, "$faint"),
            )
            for n, row in enumerate(rows)
        ]
        if len(self._messages) > ROWS:
            made.append(Content.assemble((f" … and {len(self._messages) - ROWS} more", "$muted")))
        return Content("\n").join(made)
