"""Text from a model or a tool, made harmless for the screen: what is left is what a person can see."""

from __future__ import annotations

from ralph.core import sanitise
from ralph.core.sanitise import JOINERS, SPACE

# What has no width and is written all the same: by the keyboards of Thai, of Persian, and of emoji.
WRITTEN = SPACE + JOINERS
TAB = "    "


def clean(text: str) -> str:
    """Without escape sequences, control characters, direction marks and hidden text; newlines are `\\n`."""
    return clean_but_tabs(text).replace("\t", TAB).replace(SPACE, "")


def clean_but_tabs(text: str) -> str:
    """The same, but tabs stay, and the space of no width, where lines of Thai break: for what is edited and sent."""
    return sanitise.clean_for_editing(text)


def escape_unseen(text: str) -> str:
    """With each character that cannot be seen as an escape in its place, for whoever has to trust the text."""
    return sanitise.escape_unseen(text).replace("\t", TAB)


def one_line(text: str) -> str:
    """Cleaned, and with each run of white space as one space."""
    return sanitise.one_line(text)


class ScreenCleaner(sanitise.Cleaner):
    """`clean` for text that comes in pieces: an escape sequence or CR LF cut in two is held back until it is whole."""

    def feed(self, text: str) -> str:
        return super().feed(text).replace("\t", TAB)
