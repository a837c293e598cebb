"""The scroll position of a view with many lines: it follows the end or stays with a reader, and measures when idle."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from functools import partial
from time import perf_counter

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from ralph.tui.brush import Brush
from ralph.tui.keys import name_key
from ralph.tui.timeline.anchor import Anchor, Spot, line_of
from ralph.tui.timeline.bar import set_bar
from ralph.tui.timeline.blocks import BrokenDrawing
from ralph.tui.timeline.item_list import ItemList, TimelineItem

log = logging.getLogger("ralph.tui")

# Items within this many screens around the view are measured in idle slices, so that paging never jumps.
OVERSCAN = 1.5
SLICE_S = 0.006
# The module with the languages of code, and the seconds after the first paint when it is imported.
LANGUAGES = "textual.highlight"
COLOUR_S = 0.1
# Blank cells between the text and the scrollbar.
MARGIN = 1


class ItemScroll(ScrollView, can_focus=False):
    """A scroll view over items whose heights are guesses until they are drawn.

    The widget must be `1fr` high with its scrollbar always on. Then its own geometry never depends on its contents, and
    heights change without a layout of the screen.
    """

    class Scrolled(Message):
        """The view moved, or lines came below it. `below` is the number of lines below the view."""

        def __init__(self, below: int) -> None:
            super().__init__()
            self.below = below

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.model = ItemList()
        self.follow = True
        self._brush: Brush | None = None
        self._colours = LANGUAGES in sys.modules  # otherwise the first paint does not wait for the import
        self._idle: Timer | None = None
        self._below = 0
        # The top line after a resize, and the original line for which it stands: repeated resizes do not lose the line.
        self._stood: tuple[TimelineItem, int, Spot] | None = None

    @property
    def brush(self) -> Brush:
        if self._brush is None:
            self._brush = Brush(
                self.app.theme_variables, self.visual_style, colours=self._colours, key=partial(name_key, self.app)
            )
        return self._brush

    def on_mount(self) -> None:
        if not self._colours:
            self.call_after_refresh(self.set_timer, COLOUR_S, self._colour)

    async def _colour(self) -> None:
        """Import the languages, and draw code with colours from now on."""
        await asyncio.to_thread(importlib.import_module, LANGUAGES)
        plain, self._colours = self._brush is not None and self._brush.plain, True
        self._brush = None
        if plain:
            self.model.restyle()
            self.refresh()

    def end(self) -> None:
        """Go to the end and follow it."""
        # An animated scroll of the wheel would move the view away again.
        self.app.animator.force_stop_animation(self, "scroll_y")
        self.follow = True
        self._to_end()

    def page(self, direction: int) -> None:
        """Scroll up or down by the height of the view less two lines."""
        self.scroll_to(y=self.scroll_y + direction * (self.size.height - 2), animate=False)

    def on_resize(self, event: events.Resize) -> None:
        width = max(1, self.scrollable_content_region.width - MARGIN)
        if width != self.model.width:
            self._relayout(width)
        elif self.follow:
            self._to_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self._measure_from(int(new_value))
        super().watch_scroll_y(old_value, new_value)
        self.follow = new_value >= self.max_scroll_y
        self._tell()
        self._overscan_soon()

    def _measure(self, index: int) -> list[Strip]:
        try:
            return self.model.strips(index, self.brush)
        except Exception:  # border: one block that cannot be drawn must not blank the screen
            item = self.model.items[index]
            log.exception("this part of the timeline could not be drawn: %r", item.drawing)
            item.drawing = BrokenDrawing()
            return self.model.strips(index, self.brush)

    def _anchor(self) -> Anchor | None:
        """Return the line at the top of the view, or None if the view follows the end."""
        if self.follow or not self.model.width or not len(self.model):
            return None
        return Anchor(self.model, int(self.scroll_y), self._measure)

    def _after_change(self, anchor: Anchor | None, first: int) -> None:
        """Restore the position after the heights from item `first` on changed. `anchor` is from before that."""
        if not self.model.width:
            return
        if self.follow:
            self._to_end()
            return
        if anchor and first < len(self.model) and self.model.top(first) <= self.scroll_y:
            line = anchor.find(self.model, self._measure, self.brush)
            if line is not None:
                self._settle()
                self._move(line)
        self._settle()
        if self.scroll_y > self.max_scroll_y:  # the timeline is shorter than before
            self._move(self.max_scroll_y)
        self._measure_from(int(self.scroll_y))
        self._tell()
        self._overscan_soon()
        self.refresh()

    def _relayout(self, width: int) -> None:
        """Set another width. The line at the top of the view stays there as near as the new wrapping allows."""
        model = self.model
        anchor = self._anchor()
        if anchor is None:
            model.resize(width)
            self._unselect()
            self._to_end()
            return
        stood, spot = self._stood, anchor.spot
        if stood and stood[0] is anchor.item and stood[1] == anchor.within:
            spot = stood[2]
        model.resize(width)
        self._unselect()
        index = anchor.index(model) or 0
        within = line_of(spot, self._measure(index))
        self._stood = anchor.item, within, spot
        self._settle()
        self._move(model.top(index) + within)
        self._measure_from(int(self.scroll_y))
        self._tell()
        self._overscan_soon()
        self.refresh()

    def _unselect(self) -> None:
        """Drop the selection, because the new wrapping has moved its text."""
        if self.screen.selections.get(self):
            self.screen.clear_selection()

    def _settle(self) -> None:
        """Set the height of the contents. `_tell` updates the scrollbar once the view has its position."""
        size = Size(self.model.width, self.model.total)
        if size != self.virtual_size:
            # An assignment to `virtual_size` would lay out the whole screen, which takes longer than a frame.
            self.set_reactive(Widget.virtual_size, size)

    def _move(self, line: float) -> None:
        """Scroll without an animation and without watchers."""
        line = max(0.0, min(float(line), float(self.max_scroll_y)))
        self.set_reactive(Widget.scroll_y, line)
        self.set_reactive(Widget.scroll_target_y, line)

    def _to_end(self) -> None:
        """Measure the last screen from below, then go there."""
        model = self.model
        if not model.width:
            return
        index, got = len(model) - 1, 0
        while index >= 0 and got < self.size.height + 2:
            self._measure(index)
            got += model.items[index].height
            index -= 1
        self._settle()
        self._move(self.max_scroll_y)
        self._tell()
        self._overscan_soon()
        self.refresh()

    def _measure_from(self, line: int) -> None:
        """Measure the lines of a view at this line."""
        model = self.model
        if not len(model) or not model.width:
            return
        index = model.at(line)
        got = model.top(index) - line
        while index < len(model) and got < self.size.height + 2:
            self._measure(index)
            got += model.items[index].height
            index += 1
        self._settle()

    def _tell(self) -> None:
        """Update the scrollbar, and post the number of lines below."""
        set_bar(self.vertical_scrollbar, self.virtual_size.height, self.scroll_y)
        below = max(0, int(self.max_scroll_y - self.scroll_y)) if not self.follow else 0
        if below != self._below:
            self._below = below
            self.post_message(self.Scrolled(below))

    # The measuring around the view in idle time.

    def _overscan_soon(self, delay: float = 0.02) -> None:
        if self._idle is None and self.is_attached:
            self._idle = self.set_timer(delay, self._overscan)

    def _overscan(self) -> None:
        self._idle = None
        model = self.model
        if not len(model) or not model.width:
            return
        # The animation sets absolute positions: do not move them.
        if self.app.animator.is_being_animated(self, "scroll_y"):
            self._overscan_soon(0.05)
            return
        until = perf_counter() + SLICE_S
        at, height = int(self.scroll_y), self.size.height
        index = model.at(at)
        within = at - model.top(index)
        shift, done = self._measure_up(index, height, until)
        done = done and self._measure_down(index, height, until)
        self._settle()
        if shift:
            self._move(model.top(index) + within)
        self._tell()
        if not done:
            self._overscan_soon(0.001)

    def _measure_up(self, index: int, height: int, until: float) -> tuple[int, bool]:
        """Measure items above the view. Return by how many lines they moved it, and whether all are measured."""
        items, got, shift = self.model.items, 0, 0
        for above in range(index - 1, -1, -1):
            if got >= OVERSCAN * height:
                break
            if not items[above].exact:
                if perf_counter() > until:
                    return shift, False
                before = items[above].height
                self._measure(above)
                shift += items[above].height - before
            got += items[above].height
        return shift, True

    def _measure_down(self, index: int, height: int, until: float) -> bool:
        items, got = self.model.items, 0
        while index < len(items) and got < (1 + OVERSCAN) * height:
            if not items[index].exact:
                if perf_counter() > until:
                    return False
                self._measure(index)
            got += items[index].height
            index += 1
        return True
