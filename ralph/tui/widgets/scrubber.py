"""The track of a replay: its position and the starts of its turns. A click or a drag moves the position."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from ralph.tui.brush import fit
from ralph.tui.text import one_line

PLAYED, AHEAD, HEAD = "━", "─", "●"
PLAYED_MARK, AHEAD_MARK = "┿", "┼"


def length(ms: float) -> str:
    """Return a time in ms as `0:42` or `1:03:05`."""
    s = int(ms / 1000)
    hours = f"{s // 3600}:" if s >= 3600 else ""
    return f"{hours}{s // 60 % 60:02d}:{s % 60:02d}" if hours else f"{s // 60}:{s % 60:02d}"


def cell(part: float, width: int) -> int:
    """Return the index of the cell, among `width` cells, that shows this part of the whole."""
    return max(0, min(width - 1, round(part * (width - 1))))


def track(part: float, marks: Sequence[float], width: int) -> tuple[str, str, str]:
    """Return the played cells, the head, and the cells ahead. Marks of turns in the same cell are drawn as one."""
    if width <= 0:
        return "", "", ""
    head = cell(part, width)
    turns = {cell(mark, width) for mark in marks}
    played = "".join(PLAYED_MARK if n in turns else PLAYED for n in range(head))
    ahead = "".join(AHEAD_MARK if n in turns else AHEAD for n in range(head + 1, width))
    return played, HEAD, ahead


class Scrubber(Widget):
    """Two lines: the track, and the state in words. All positions are parts of the whole, from 0 to 1."""

    class Sought(Message):
        """The person pointed at this part of the whole."""

        def __init__(self, part: float) -> None:
            super().__init__()
            self.part = part

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._part = 0.0
        self._marks: Sequence[float] = ()
        self._words: Sequence[str] = ()
        self._right = ""
        self._drawn: Content | None = None
        self._dragged = False

    @property
    def text(self) -> str:
        """The line of words, without the track."""
        return self.render().plain.split("\n")[-1].strip()

    def show(self, part: float, marks: Sequence[float], words: Sequence[str], right: str) -> None:
        self._part, self._marks, self._words, self._right = part, marks, words, right
        made = self.render()
        if made != self._drawn:
            self._drawn = made
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        played, head, ahead = track(self._part, self._marks, width - 2)
        right = f"{one_line(self._right)} " if self._right else ""
        room = max(0, width - cell_len(right) - 1)
        words = " · ".join(one_line(w) for w in self._words if w)
        return Content.assemble(
            (" ", ""), (played, "$step-user"), (head, "bold $step-user"), (ahead, "$faint"), ("\n", ""),
            (fit(f" {words}", room), ""), (" ", ""), (right, "bold $step-user"),
        )  # fmt: skip

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.y == 0:
            self._dragged = True
            self.capture_mouse()
            self._point(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged:
            self._point(event.x)

    def on_mouse_up(self) -> None:
        self._dragged = False
        self.release_mouse()

    def _point(self, x: int) -> None:
        part = (x - 1) / max(1, self.size.width - 3)
        self.post_message(self.Sought(max(0.0, min(1.0, part))))
