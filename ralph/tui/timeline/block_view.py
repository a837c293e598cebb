"""A timeline with a cursor on one of its blocks. Keys move the cursor, a click sets it, and lines can be marked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from ralph.tui import keys
from ralph.tui.timeline.cursor import BlockCursor, behind_glyph, top_that_shows
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.line_mark import LineMark
from ralph.tui.timeline.targets import Target, target_of
from ralph.tui.timeline.view import TimelineView

MARK, RESTING = "┃", "╎"


class BlockView(TimelineView):
    """A timeline view with a block cursor. It has the focus while keys move the cursor, and not after a click."""

    FOCUS_ON_CLICK = False
    BINDINGS = keys.BLOCK

    class Pointed(Message):
        """The cursor was set, was removed, or began to mark."""

    class Left(Message):
        """The focus goes to the prompt, and `typed`, `pasted` or a whole `key` goes there too."""

        def __init__(self, typed: str = "", pasted: str = "", key: events.Key | None = None) -> None:
            super().__init__()
            self.typed = typed
            self.pasted = pasted
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.cursor = BlockCursor(self.model)
        self._mark = LineMark(self.model)

    @property
    def place(self) -> Target | None:
        """The block under the cursor."""
        return self.cursor.place if self.cursor.index is not None else None

    @property
    def marking(self) -> bool:
        """Whether moves extend a selection."""
        return self._mark.active

    def enter(self) -> bool:
        """Take the focus. Return False if there is no block."""
        if self.cursor.index is None or not self._in_sight():
            bottom = int(self.scroll_y) + self.size.height - 1
            if not len(self.model) or not self.cursor.near(self.model.at(bottom)):
                return False
        self.can_focus = True
        self.screen.set_focus(self, scroll_visible=False)  # at once: the next key is for a block
        self.follow = False
        self.show_cursor()
        return True

    def go_to(self, index: int) -> None:
        """Set the cursor on the block of an item, and scroll to it."""
        if self.cursor.set(index):
            self.show_cursor()

    def reset(self, drawings: Sequence[Drawing]) -> None:
        if self.has_focus:
            self.leave()
        self.forget_cursor()
        super().reset(drawings)

    def forget_cursor(self) -> None:
        """Remove the cursor."""
        self._unmark()
        if self.cursor.item is not None:
            self.cursor.clear()
            self.refresh()
            self.post_message(self.Pointed())

    # Keys.

    def action_move(self, step: int) -> None:
        if self.marking:
            self._extend(self._at_line() + step)
        elif not self._scroll_within(step):
            if self.cursor.move(step):
                self.show_cursor(its_end=step < 0)
            elif step > 0:
                self.leave()
                self.end()

    def action_turn(self, direction: int) -> None:
        if self.cursor.turn(direction):
            self._follow_cursor()

    def action_edge(self, direction: int) -> None:
        if self.cursor.edge(direction):
            self._follow_cursor(self.model.total - 1 if direction > 0 else 0)

    def action_page(self, direction: int) -> None:
        height = self.size.height
        if self.marking:
            self._extend(self._at_line() + direction * (height - 2))
            return
        self.scroll_to(y=self.scroll_y + direction * (height - 2), animate=False)
        if not self._in_sight():
            line = int(self.scroll_y) + (0 if direction > 0 else height - 1)
            self.cursor.near(self.model.at(line))
        elif self.scroll_y >= self.max_scroll_y or self.scroll_y <= 0:
            self.cursor.edge(direction)
        self.refresh()
        self.post_message(self.Pointed())

    def action_mark(self) -> None:
        """Begin to mark lines at the cursor, or end the marking."""
        if self.marking:
            self._unmark()
            return
        span = self.cursor.lines()
        if span is None:
            return
        first = max(span[0], int(self.scroll_y))
        while first < span[1] - 1 and not self.line_text(first):
            first += 1
        self._mark.begin(first)
        self._extend(first)
        self.post_message(self.Pointed())

    def action_leave(self) -> None:
        if self.marking:
            self._unmark()
        else:
            self.leave()

    def leave(self, typed: str = "", pasted: str = "") -> None:
        """Give the focus to the prompt."""
        self._unmark()
        self.cursor.clear()
        self.can_focus = False
        self.follow = self.scroll_y >= self.max_scroll_y
        self.refresh()
        self.post_message(self.Pointed())
        self.post_message(self.Left(typed, pasted))

    def on_key(self, event: events.Key) -> None:
        """Send a key that no block uses to the prompt, and every key that came before the prompt had the focus."""
        if not self.can_focus:
            event.stop()
            event.prevent_default()
            self.post_message(self.Left(key=events.Key(event.key, event.character)))
            return
        found = self.screen.active_bindings.get(event.key)
        if found and found.binding.action == "leave":
            # A normal binding comes after the next key, and the screen would drop the selection first.
            event.stop()
            self.action_leave()
        elif event.is_printable and event.character and event.key not in self.screen.active_bindings:
            event.stop()
            self.leave(event.character)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.leave(pasted=event.text)

    # The mouse and the focus.

    def on_click(self, event: events.Click) -> None:
        if event.chain > 1 or self.screen.selections.get(self) or not len(self.model):
            return
        line = event.y + self.scroll_offset.y
        if 0 <= line < self.model.total and self.cursor.set(self.model.at(line)):
            self._unmark()
            self.refresh()
            self.post_message(self.Pointed())

    def on_focus(self) -> None:
        self.refresh()
        self.post_message(self.Pointed())

    def on_blur(self) -> None:
        """Drop the focus until the next `enter`, unless only the terminal lost its focus."""
        if self.app.app_focus:
            self.can_focus = False
            self.follow = self.scroll_y >= self.max_scroll_y
        self.refresh()
        self.post_message(self.Pointed())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.has_focus:  # new lines must not move the block
            self.follow = False

    def selection_updated(self, selection: Selection | None) -> None:
        super().selection_updated(selection)
        if selection is None and self.marking:
            self._mark.end()
            self.post_message(self.Pointed())

    def _decorate(self, line: int, strip: Strip) -> Strip:
        strip = super()._decorate(line, strip)
        if self.cursor.item is None:
            return strip
        index = self.model.at(line)
        if not self.cursor.holds(self.model.items[index]):
            return strip
        if not strip.cell_length and line == self.model.top(index):
            return strip
        style = self.brush.rich("user" if self.has_focus else "muted")
        glyph = MARK if self.has_focus else RESTING
        return behind_glyph(strip, Segment(glyph, style))

    # The place of the cursor.

    def _follow_cursor(self, line: int | None = None) -> None:
        """Extend the marked lines after a jump, or show the block."""
        span = self.cursor.lines()
        if self.marking and span:
            self._extend(span[0] if line is None else line)
        else:
            self.show_cursor()

    def _in_sight(self) -> bool:
        return self.cursor.in_sight(int(self.scroll_y), self.size.height)

    def _scroll_within(self, step: int) -> bool:
        """Scroll within a block that is longer than the view. Return False if its end is in sight."""
        top, height = int(self.scroll_y), self.size.height
        hidden = self.cursor.count_hidden(top, height, step)
        if hidden:
            self.scroll_to(y=top + step * min(hidden, max(1, height - 2)), animate=False)
        return hidden > 0

    def show_cursor(self, *, its_end: bool = False) -> None:
        """Scroll as little as shows the block: of a long block its beginning, or its end."""
        for _ in range(4):  # lines that come into sight are measured, which may move the block
            at = self.cursor.index
            if at is None:
                return
            if not self._measure(at):  # a folded waterfall
                self.cursor.near(at)
            span = self.cursor.lines()
            top, height = int(self.scroll_y), self.size.height
            wanted = top_that_shows(span, top, height, its_end=its_end) if span else top
            if wanted == top:
                break
            self._settle()
            before = self.scroll_y
            self.scroll_to(y=wanted, animate=False)
            if self.scroll_y == before:
                break
        if self.has_focus:
            self.follow = False
        self.refresh()
        self.post_message(self.Pointed())

    def show_waterfall(self, turn: int) -> None:
        """Scroll as little as shows the unfolded waterfall of this turn. The cursor stays on its block."""
        wanted = Target(turn, "waterfall", f"{turn}.waterfall")
        index = next((n for n, item in enumerate(self.model.items) if target_of(item) == wanted), None)
        if index is None or not self._measure(index):
            return
        for _ in range(3):  # lines that come into sight are measured
            first, top = self.model.top(index), int(self.scroll_y)
            if (shown := top_that_shows((first, first + self.model.items[index].height), top, self.size.height)) == top:
                break
            self._settle()
            self.scroll_to(y=shown, animate=False)

    # The marking of lines.

    def _at_line(self) -> int:
        line = self._mark.line
        return line if line is not None else int(self.scroll_y)

    def _extend(self, line: int) -> None:
        """Mark from the first marked line to this line."""
        line = max(0, min(self.model.total - 1, line))
        first, last = self._mark.extend(line)
        text = self.line_text(last)
        self.screen.selections = {self: Selection(Offset(0, first), Offset(len(text), last))}
        top, height = int(self.scroll_y), self.size.height
        if not top <= line < top + height:
            self.scroll_to(y=line if line < top else line - height + 1, animate=False)
        self.cursor.set(self.model.at(line))
        self.follow = False
        self.refresh()

    def _unmark(self) -> None:
        if self.marking:
            self.screen.clear_selection()
