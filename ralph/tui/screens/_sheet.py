"""The base of the large screens: a framed sheet over the timeline, with an input line and a line of keys."""

from __future__ import annotations

from typing import TypeVar

from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

Result = TypeVar("Result")


class Sheet(ModalScreen[Result]):
    """A modal screen that Esc closes. CSS classes name its parts."""

    DEFAULT_CSS = """
    Sheet {
        align: center middle;
    }
    Sheet .sheet {
        width: 100%;
        max-width: 160;
        height: 100%;
        max-height: 56;
        padding: 0 2;
        background: $surface;
        border: round $step-user;
    }
    Sheet .sheet-title, Sheet .sheet-line, Sheet .sheet-keys {
        height: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    Sheet .sheet-title {
        text-style: bold;
    }
    Sheet .sheet-keys {
        color: $muted;
        margin-top: 1;
    }
    Sheet Input {
        border: none;
        padding: 0;
        height: 1;
        margin: 1 0;
        background: $background;
        &:focus {
            border: none;
        }
    }
    Sheet OptionList {
        height: 1fr;
        border: none;
        padding: 0;
        background: $surface;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-background: $surface;
        scrollbar-color: $bar-rest;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    Sheet VerticalScroll {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-background: $surface;
        scrollbar-color: $bar-rest;
    }
    """

    def put(self, part: str, *lines: Content | str) -> None:
        """Show these lines in the part with the id `part`."""
        made = [line if isinstance(line, Content) else Content(line) for line in lines]
        self.query_one(f"#{part}", Static).update(Content("\n").join(made))
