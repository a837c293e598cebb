"""Text from a model or a tool, made harmless for the screen: what is left is what a person can see."""

from __future__ import annotations

from ralph.core import screen

TAB = "    "


def clean(text: str) -> str:
    """Without escape sequences, control characters, direction marks and hidden text; newlines are `\\n`."""
    return tabbed(text).replace("\t", TAB)


def tabbed(text: str) -> str:
    """The same, but tabs stay: for what is edited and sent."""
    return screen.printable(text)


def spelt(text: str) -> str:
    """With each character that cannot be seen as an escape in its place, for whoever has to trust the text."""
    return screen.spelt(text).replace("\t", TAB)


def one_line(text: str) -> str:
    """Cleaned, and with each run of white space as one space."""
    return screen.one_line(text)


class Cleaner(screen.Cleaner):
    """`clean` for text that comes in pieces: an escape sequence or CR LF cut in two is held back until it is whole."""

    def feed(self, text: str) -> str:
        return super().feed(text).replace("\t", TAB)
