"""Text from a model or a tool, made harmless for a terminal: what is left is what a person can see."""

from __future__ import annotations

import re

from ralph.core.screen import JOINERS, UNSEEN

# A whole control string (OSC, DCS, SOS, PM, APC with its end), a CSI sequence, a two-character escape. Bounded, so
# that a string that never ends cannot swallow the rest of an answer; no part of one can begin another, so that the
# search stays linear.
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90-\x9f\n]{0,4096}"
_CSI = r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}"
_ESCAPE = re.compile(rf"{_STRING}(?:\x07|\x1b\\|\x9c)|{_CSI}[@-~]|\x1b[ -/]{{0,8}}[0-OQ-WYZ\\`-~]")
_OPEN_ESCAPE = re.compile(rf"(?:{_STRING}\x1b?|{_CSI}|\x1b[ -/]{{0,8}})\Z")
_BROKEN_ESCAPE = re.compile(r"\x1b[ -/]{0,8}[0-~]?")
_NEWLINES = re.compile(r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")
SPACE = "\u200b"
_UNSEEN = re.compile(f"[{UNSEEN}]".replace(SPACE, ""))
# What has no width and is written all the same: by the keyboards of Thai, of Persian, and of emoji.
WRITTEN = SPACE + JOINERS
TAB = "    "


def clean(text: str) -> str:
    """Without escape sequences, control characters, direction marks and hidden text; newlines are `\\n`."""
    return tabbed(text).replace("\t", TAB).replace(SPACE, "")


def tabbed(text: str) -> str:
    """The same, but tabs stay, and the space of no width, where lines of Thai break: for what is edited and sent."""
    if not _UNSEEN.search(text):  # as most are
        return text
    text = _NEWLINES.sub("\n", _BROKEN_ESCAPE.sub("", _ESCAPE.sub("", text)))
    return _UNSEEN.sub("", text)


def spelt(text: str) -> str:
    """With each character that cannot be seen as an escape in its place, for whoever has to trust the text."""
    text = text.replace("\r\n", "\n")
    return re.sub(f"[{UNSEEN}]|(?<=[ -~])[{JOINERS}]", _escape, text).replace("\t", TAB)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def one_line(text: str) -> str:
    """Cleaned, and with each run of white space as one space."""
    return " ".join(clean(text).split())


class Cleaner:
    """`clean` for text that comes in pieces: an escape sequence or CR LF cut in two is held back until it is whole."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        text = _ESCAPE.sub("", self._held + text)
        self._held = ""
        if text.endswith("\r"):
            text, self._held = text[:-1], "\r"
        elif found := _OPEN_ESCAPE.search(text):
            text, self._held = text[: found.start()], found[0]
        return clean(text)
