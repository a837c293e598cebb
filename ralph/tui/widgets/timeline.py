"""The timeline: one scroll view with the line API over the model; only what is seen is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.selection import Selection
from textual.strip import Strip

from ralph.tui.widgets.item_scroll import MARGIN, ItemScroll
from ralph.tui.widgets.model import Drawing


class TimelineView(ItemScroll):
    """Drawings in lines: put in, swapped, selected with the mouse."""

    _base: RichStyle | None = None

    def replace(self, start: int, stop: int, drawings: Sequence[Drawing]) -> None:
        """Show these drawings where the items `start:stop` were."""
        above = self._anchor() if not self.follow else None
        self.model.splice(start, stop, drawings)
        self._after_change(above, start)

    def redraw(self, index: int, frozen: int = 0) -> None:
        """An item shows something new from its line `frozen` on."""
        model = self.model
        before = model.items[index].height
        model.redraw(index)
        if not model.width:
            return
        self._measure(index)
        if model.items[index].height == before:
            top = model.top(index) + frozen
            if top < self.scroll_offset.y + self.size.height:
                self.refresh_lines(top, max(1, before - frozen))
        else:
            self._after_change(None, index)

    def swap(self, index: int, drawing: Drawing) -> None:
        """Show something else at this place."""
        self.model.items[index].drawing = drawing
        self.redraw(index)

    def restyle(self) -> None:
        """Draw everything anew: the heights may have changed too."""
        self._relayout(self.model.width)

    def reveal(self, index: int) -> None:
        """Show this item: with the end, if all of it fits the view, else from its first line on."""
        self.end()
        if self.model.width and self.model.items[index].height > self.size.height:
            self.scroll_to(y=self.model.top(index), animate=False)

    def line_text(self, line: int) -> str:
        """The text of one line of the whole timeline."""
        strip = self._line(line)
        return strip.text.rstrip() if strip else ""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._brush = self._base = None
        self.model.restyle()

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        base = self._base
        if base is None:  # reading it anew was a quarter of a frame
            base = self._base = self.rich_style
        strip = self._line(line)
        width = self.model.width + MARGIN
        if strip is None:
            return Strip.blank(width, base)
        selection = self.text_selection
        span = selection.get_span(line) if selection else None
        if span:
            strip = _selected(strip, span, self.screen.get_component_rich_style("screen--selection"))
        return strip.crop_extend(0, width, base).apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, from the model: also what has scrolled out of sight."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.model.total - 1
        lines = []
        for line in range(first, min(last, self.model.total - 1) + 1):
            start, end = selection.get_span(line) or (0, -1)
            text = self.line_text(line)
            lines.append(text[start:] if end < 0 else text[start:end])
        return "\n".join(lines), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def _line(self, line: int) -> Strip | None:
        model = self.model
        if not 0 <= line < model.total:
            return None
        index = model.at(line)
        strips = self._measure(index)
        within = line - model.top(index)
        return strips[within] if within < len(strips) else None


def _selected(strip: Strip, span: tuple[int, int], style: RichStyle) -> Strip:
    """The strip with the characters of `span` in the style of a selection."""
    text = strip.text
    start = cell_len(text[: span[0]])
    end = strip.cell_length if span[1] < 0 else cell_len(text[: span[1]])
    if start >= end:
        return strip
    before, inside, after = strip.crop(0, start), strip.crop(start, end), strip.crop(end, strip.cell_length)
    marked = Strip(Segment.apply_style(list(inside), post_style=style), inside.cell_length)
    return Strip.join([before, marked, after])
