"""Text from a model or a tool, made harmless for a terminal: what is left is what a person can see."""

from __future__ import annotations

import re

# A whole control string (OSC, DCS, SOS, PM, APC with its end), a CSI sequence, a two-character escape.
# Bounded, so that a string that never ends cannot swallow the rest of an answer.
_ESCAPE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[ -/]{0,8}[0-~]"
)
# Control characters; marks that turn the direction of a line (CVE-2021-42574); characters of no width that
# hide text in text (the joiners that emoji and Persian need stay); the invisible "tag" alphabet.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_NEWLINES = re.compile(r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\t"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_OPEN_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]*\x1b?|[ -/]*)?\Z")
# An escape that is still open after this much text is not one.
_CARRY = 4096
TAB = "    "


def clean(text: str) -> str:
    """Without escape sequences, control characters, direction marks and hidden text; newlines are `\\n`."""
    if not _SUSPECT.search(text):
        return text
    text = _NEWLINES.sub("\n", _ESCAPE.sub("", text))
    return _UNSEEN.sub("", text).replace("\t", TAB)


def one_line(text: str) -> str:
    """Cleaned, and with each run of white space as one space."""
    return " ".join(clean(text).split())


class Cleaner:
    """`clean` for text that comes in pieces: an escape sequence or CR LF cut in two is held back until it is whole."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        text = self._held + text
        self._held = ""
        if text.endswith("\r"):
            text, self._held = text[:-1], "\r"
        elif (last := text.rfind("\x1b", max(0, len(text) - _CARRY))) >= 0 and _OPEN_ESCAPE.match(text, last):
            text, self._held = text[:last], text[last:]
        return clean(text)
