"""A scrollbar that is redrawn only when it looks different.

A stream moves the end of ten thousand blocks by a line a frame, which is less than an eighth of a cell of the thumb.
Textual would redraw the whole bar for it, as many lines as the view has. That took a third of a frame.
"""

from __future__ import annotations

from math import ceil

from textual.scrollbar import ScrollBar

EIGHTHS = 8


def set_bar(bar: ScrollBar, lines: int, top: float) -> None:
    """Set the number of lines, and the line at the top of the view."""
    before = thumb(bar)
    bar.set_reactive(ScrollBar.window_virtual_size, lines)
    bar.set_reactive(ScrollBar.position, top)
    if thumb(bar) != before:
        bar.refresh()


def thumb(bar: ScrollBar) -> tuple[int, int] | None:
    """Return start and end of the thumb in eighths of a cell, as Textual's `ScrollBarRender` counts, or None."""
    lines, window, height = bar.window_virtual_size, bar.window_size, bar.size.height
    if not 0 < window < lines or not height or height == lines:
        return None
    length = max(1.0, window * height / lines)
    start = int((height - length) * bar.position / (lines - window) * EIGHTHS)
    return start, start + ceil(length * EIGHTHS)
