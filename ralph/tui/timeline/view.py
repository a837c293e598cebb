"""The timeline as one scroll view with Textual's line API over the items. Only visible lines are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style as RichStyle
from textual import events
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Offset, Region
from textual.selection import Selection
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.tui.brush import Brush
from ralph.tui.timeline.answers import LiveDrawing
from ralph.tui.timeline.item_list import Drawing, TimelineItem
from ralph.tui.timeline.item_scroll import ItemScroll
from ralph.tui.timeline.selection import SelectedText, column, copy_text, mark, whole, word

if TYPE_CHECKING:
    from ralph.tui.timeline.matches import Matches

# The marks differ without colour: a match is underlined, and the chosen match is reversed too.
HIT, SOUGHT = RichStyle(underline=True, bold=True), RichStyle(underline=True, bold=True, reverse=True)
# The number of screens of finished lines that are kept.
KEPT_SCREENS = 3


@frozen
class Finish(Data):
    """The changes that Textual makes to a drawn line."""

    width: int
    background: Color
    filters: tuple[LineFilter, ...]

    def of(self, strip: Strip) -> Strip:
        for each in self.filters:
            strip = strip.apply_filter(each, self.background)
        return strip


class TimelineView(ItemScroll):
    """A view of drawings as lines. It replaces and swaps drawings, and the mouse selects text in it."""

    _base: RichStyle | None = None
    _finish: Finish | None = None
    _held: SelectedText | None = None
    _pressed: Offset | None = None
    _pointed: Offset | None = None
    found: Matches | None = None
    _ready: dict[int, tuple[Strip | None, Strip]]
    _copying: tuple[TimelineItem, list[Strip]] | None = None

    def replace(self, start: int, stop: int, drawings: Sequence[Drawing]) -> None:
        """Replace the items `start:stop` by items with these drawings."""
        anchor = self._anchor()
        self.model.splice(start, stop, drawings)
        self._after_change(anchor, start)

    def redraw(self, index: int) -> None:
        """Draw an item again. For a streaming answer, only its last lines are drawn."""
        model = self.model
        item, anchor = model.items[index], self._anchor()
        before = item.height
        model.redraw(index)
        if not model.width:
            return
        self._measure(index)
        same = item.drawing.same() if isinstance(item.drawing, LiveDrawing) else 0
        if item.height == before:
            top = model.top(index) + same
            if top < self.scroll_offset.y + self.size.height:
                self.refresh_lines(top, max(1, before - same))
        else:
            self._after_change(anchor, index)

    def swap(self, index: int, drawing: Drawing) -> None:
        """Replace the drawing of an item."""
        self.model.items[index].drawing = drawing
        self.redraw(index)

    def reset(self, drawings: Sequence[Drawing]) -> None:
        """Show another timeline from its end. Selection, marks and search of the old timeline are dropped."""
        self._unselect()
        self._held = self.found = self._copying = self._pressed = self._pointed = self._stood = None
        self.model.clear()
        self.model.splice(0, 0, drawings)
        self.end()

    def restyle(self) -> None:
        """Draw everything again, because heights may have changed too."""
        self._relayout(self.model.width)

    def reveal(self, index: int) -> None:
        """Show this item: at the end of the view if it fits, and otherwise from its first line on."""
        self.end()
        if self.model.width and self.model.items[index].height > self.size.height:
            self.scroll_to(y=self.model.top(index), animate=False)

    def line_text(self, line: int) -> str:
        """Return the text of a line of the whole timeline."""
        strip = self._line(line)
        return strip.text.rstrip() if strip else ""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._brush = self._base = self._finish = None
        self.model.restyle()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines that Textual would make of `render_line`, but skip its borders, padding and opacity.

        A line that has not changed since the last frame is the same strip. So Textual's caches in the strip stay: the
        results of its filters and cuts, and its escape sequences.
        """
        finish = Finish(self.size.width, self.background_colors[1], tuple(self.get_line_filters()))
        if finish != self._finish:
            self._finish, self._ready = finish, {}
        top, ready = self.scroll_offset.y, self._ready
        if len(ready) > KEPT_SCREENS * self.size.height:
            ready = self._ready = {}
        strips = []
        for y in crop.line_range:
            source = self._source(y + top)
            kept = ready.get(y + top)
            if kept is None or kept[0] is not source:
                kept = ready[y + top] = source, finish.of(self._widen(source, y + top))
            strips.append(kept[1])
        first, end = crop.column_span
        return strips if (first, end) == (0, finish.width) else [strip.crop(first, end) for strip in strips]

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        return self._widen(self._source(line), line)

    def _source(self, line: int) -> Strip | None:
        strip = self._line(line)
        return None if strip is None else self._decorate(line, strip)

    def _widen(self, strip: Strip | None, line: int) -> Strip:
        """Return the line as wide as the view, with the offset of each character for the mouse."""
        base = self._base
        if base is None:  # reading the property for each line took a quarter of a frame
            base = self._base = self.rich_style
        width = self.size.width
        return Strip.blank(width, base) if strip is None else strip.crop_extend(0, width, base).apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text from the items, also lines out of sight."""
        held = self._held.now() if self._held else selection
        self._copying = None
        return (copy_text(held, self.model.total, self._draw_wrapped_line), "\n") if held else None

    def selection_updated(self, selection: Selection | None) -> None:
        """Correct a selection by drag. Textual counts a character at its left cell only, and an emoji by its parts."""
        if selection and selection.start and selection.end and self._pressed and self._pointed:
            start, end = sorted((self._pressed, self._pointed), key=lambda at: (at.y, at.x))
            if (start.y, end.y) == (selection.start.y, selection.end.y):
                selection = Selection(start, Offset(end.x + 1, end.y))
        self._held = SelectedText(selection, self.model) if selection else None
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed, self._pointed = self._char_at(event), None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._pressed:
            self._pointed = self._char_at(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._pressed:
            self._pointed = self._char_at(event)
            self.selection_updated(self.text_selection)
        self._pressed = self._pointed = None

    def _char_at(self, event: events.MouseEvent) -> Offset:
        """Return the line and the character under the mouse."""
        line = event.y + self.scroll_offset.y
        strip = self._line(line)
        return Offset(column(strip.text if strip else "", event.x), line)

    def text_select_all(self) -> None:
        """Select nothing: a double click selects a word, in `_on_click`."""

    async def _on_click(self, event: events.Click) -> None:
        """Select a word with two clicks, and a line with three."""
        event.prevent_default()
        line = event.y + self.scroll_offset.y
        strip = self._line(line)
        if strip is None or event.chain < 2:
            return
        text = strip.text.rstrip()
        start, end = word(text, column(text, event.x)) if event.chain == 2 else (0, len(text))
        self.screen.selections = {self: Selection(Offset(start, line), Offset(end, line))}

    def _decorate(self, line: int, strip: Strip) -> Strip:
        """Return the line with the marks of the search and of the selection."""
        if self.found:
            index = self.model.at(line)
            item = self.model.items[index]
            within = line - self.model.top(index)
            spans = self.found.spans(item, self._measure(index), within, lambda: self.draw_wrapped(index))
            strip = mark(strip, [(a, b, SOUGHT if n else HIT) for a, b, n in spans]) if spans else strip
        selection = self._held.now() if self._held else None
        span = selection.get_span(line) if selection else None
        if span:
            style = self.screen.get_component_rich_style("screen--selection")
            strip = mark(strip, [(*whole(strip.text, *span), style)])
        return strip

    def strips(self, index: int) -> list[Strip]:
        """Return the lines of an item."""
        return self._measure(index)

    def draw_wrapped(self, index: int) -> list[Strip]:
        """Draw the lines of an item again, with the wrapped ones marked as `Wrapped`."""
        strips, drawing = self._measure(index), self.model.items[index].drawing
        if isinstance(drawing, LiveDrawing):  # the streaming document must not change
            drawing = LiveDrawing(drawing.text)
        brush = Brush(self.app.theme_variables, self.visual_style, wraps=True, key=self.brush.key)
        made = drawing.draw(brush, self.model.width)
        return made if len(made) == len(strips) else strips

    def _draw_wrapped_line(self, line: int) -> Strip | None:
        index = self.model.at(line)
        item, drawn = self.model.items[index], self._copying
        if drawn is None or drawn[0] is not item:
            drawn = self._copying = item, self.draw_wrapped(index)
        return drawn[1][line - self.model.top(index)]

    def show_found(self, found: Matches | None) -> None:
        """Mark these matches in all visible lines."""
        self.found = found
        self.refresh()

    def show_match(self, index: int, nth: int) -> None:
        """Scroll to the match `nth` of an item, from 0."""
        lines = self.found.lines(self.draw_wrapped(index)) if self.found else []
        within = lines[min(nth, len(lines) - 1)] if lines else 0
        self._settle()
        for _ in range(3):  # lines that come into sight are measured, which may move the line
            line, top, height = self.model.top(index) + within, int(self.scroll_y), self.size.height
            if top <= line < top + height - 1:
                break
            self.scroll_to(y=max(0, line - height // 3), animate=False)
        self._tell()
        self.refresh()

    def _line(self, line: int) -> Strip | None:
        model = self.model
        if not 0 <= line < model.total:
            return None
        index = model.at(line)
        strips = self._measure(index)
        within = line - model.top(index)
        return strips[within] if within < len(strips) else None
