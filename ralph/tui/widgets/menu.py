"""The list of completions above the prompt. The prompt keeps the focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from ralph.tui.brush import fit
from ralph.tui.keys import name_key
from ralph.tui.text import one_line

if TYPE_CHECKING:
    from ralph.tui.prompt.completion_context import CompletionOffer

ROWS = 8
LABEL = 44
# The cells between label, note and keys.
GAPS = 8


class Menu(Widget):
    """The list of offers. It costs nothing while it is hidden."""

    class Clicked(Message):
        """The offer at this index was clicked."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._offers: Sequence[CompletionOffer] = ()
        self._at = -1
        self._top = 0
        self.display = False

    def show(self, offers: Sequence[CompletionOffer], at: int) -> None:
        """Show these offers and mark the one at `at`; -1 marks none."""
        grown = not self.display or min(ROWS, len(offers)) != min(ROWS, len(self._offers))
        self._top = 0 if offers is not self._offers else self._top
        self._offers, self._at = offers, at
        self._top = max(0, min(max(self._top, at - ROWS + 1), at if at >= 0 else 0))
        self.display = True
        self.refresh(layout=grown)

    def hide(self) -> None:
        if self.display:
            self._offers = ()
            self.display = False

    @property
    def lines(self) -> list[str]:
        """The visible rows as text."""
        return self.render().plain.split("\n") if self.display else []

    def render(self) -> Content:
        rows = self._offers[self._top : self._top + ROWS]
        width = max(1, self.size.width)
        noted = any(offer.note for offer in rows)
        labels = _labels(rows, width if noted else 0)
        room = min(
            min(LABEL, width * 2 // 5) if noted else width, max(map(cell_len, labels), default=0), max(1, width - 4)
        )
        take, close = (name_key(self.app, f"prompt.{n}", k) for n, k in (("complete", "Tab"), ("close_list", "Esc")))
        hint = f"{take} takes it, {close} closes"
        least = room + cell_len(hint) + GAPS
        keys = next((n for n, offer in enumerate(rows) if cell_len(one_line(offer.note)) + least <= width), -1)
        made = []
        for n, label in enumerate(labels):
            last = len(self._offers) > ROWS and n == len(rows) - 1
            aside = f"  {self._top + n + 1} of {len(self._offers)}" if last else hint if n == keys else ""
            made.append(self._row(n, label, aside, room, width))
        return Content("\n").join(made)

    def _row(self, n: int, label: str, aside: str, room: int, width: int) -> Content:
        place = self._top + n
        marked = place == self._at
        note = fit(one_line(self._offers[place].note), max(0, width - room - 6 - cell_len(aside)))
        return Content.assemble(
            (" ❯ " if marked else "   ", "bold $step-user"),
            (fit(label, room), "bold $step-user" if marked else "$foreground"),
            (f"  {note}", "$foreground" if marked else "$muted"),
            (aside, "$faint"),
        )

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y + self._top < len(self._offers):
            self.post_message(self.Clicked(event.y + self._top))


def _labels(rows: Sequence[CompletionOffer], width: int) -> list[str]:
    """Return the labels. Short ones replace those that leave too little room for the notes. Width 0 is any width."""
    whole = [one_line(offer.label) for offer in rows]
    if not width:
        return whole
    notes = max((cell_len(one_line(offer.note)) for offer in rows), default=0)
    room = min(LABEL, width * 2 // 5, width - notes - GAPS)
    return [
        one_line(offer.short) if offer.short and cell_len(label) > room else label
        for offer, label in zip(rows, whole, strict=True)
    ]
