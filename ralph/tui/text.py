"""The cleaning of text from a model or a tool: only characters that a person can see reach the screen."""

from __future__ import annotations

from ralph.core import sanitise
from ralph.core.sanitise import JOINERS, SPACE

# Characters without width that people write: with keyboards for Thai, Persian and emoji.
WRITTEN = SPACE + JOINERS
TAB = "    "


def clean(text: str) -> str:
    """Return the text without escape sequences, control characters, direction marks and hidden text.

    Newlines are `\\n`.
    """
    return clean_but_tabs(text).replace("\t", TAB).replace(SPACE, "")


def clean_but_tabs(text: str) -> str:
    """Clean a text that is edited and sent: keep tabs, and the zero-width space where lines of Thai break."""
    return sanitise.clean_for_editing(text)


def escape_unseen(text: str) -> str:
    """Return the text with an escape in place of each invisible character, for a person who must trust the text."""
    return sanitise.escape_unseen(text).replace("\t", TAB)


def one_line(text: str) -> str:
    """Clean a text, and replace each run of white space by one space."""
    return sanitise.one_line(text)


class ScreenCleaner(sanitise.Cleaner):
    """`clean` for text in pieces. It holds back an incomplete escape sequence or CR LF until the next piece."""

    def feed(self, text: str) -> str:
        return super().feed(text).replace("\t", TAB)
