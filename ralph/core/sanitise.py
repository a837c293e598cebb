"""Makes text from outside safe for a terminal: pure functions, used by every face."""

from __future__ import annotations

import re

# Characters that act on a terminal, as the inside of a character class: control characters except newline and tab;
# marks that change the direction of a line (CVE-2021-42574) and other invisible formats; line and paragraph separators;
# the "tag" alphabet, which hides text in text; lone surrogates, which no encoding can write.
ACTING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff"
)
# Characters that no person sees: all of those; fillers and others of no width, which hide text in text; variation
# selectors, whose 256 values carry any bytes unseen behind one letter. U+FE0E and U+FE0F stay, because emoji need them,
# and so do the joiners, which emoji and Persian need.
UNSEEN = (
    ACTING + "\xad\u034f\u115f\u1160\u17b4\u17b5\u200b\u2060-\u2065\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
JOINERS = "\u200c\u200d\ufe0e\ufe0f"
# The zero-width space: lines of Thai and Khmer break there. Kept in text that a person writes, removed from shown text.
SPACE = "\u200b"

# Patterns are strings, which `re` compiles and caches at first use: the screen needs none before its first paint.
# A whole control string (OSC, DCS, SOS, PM, APC with its end), a CSI sequence, a two-character escape. Bounded, so
# that a string without an end cannot swallow the rest of an answer. No part of one can begin another, so that the
# search stays linear.
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90-\x9f\n]{0,4096}"
_CSI = r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}"
_ESCAPE = rf"{_STRING}(?:\x07|\x1b\\|\x9c)|{_CSI}[@-~]|\x1b[ -/]{{0,8}}[0-OQ-WYZ\\`-~]"
_OPEN_ESCAPE = rf"(?:{_STRING}\x1b?|{_CSI}|\x1b[ -/]{{0,8}})\Z"
_BROKEN_ESCAPE = r"\x1b[ -/]{0,8}[0-~]?"
_NEWLINES = r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c"


def printable(text: str) -> str:
    """Remove whole escape sequences, control characters, direction marks and hidden text; newlines become `\\n`."""
    return _without(text, UNSEEN)


def clean_for_editing(text: str) -> str:
    """Clean as `printable` does, but keep the zero-width space: for text that a person edits and sends."""
    return _without(text, UNSEEN.replace(SPACE, ""))


def harmless(text: str) -> str:
    """Remove what acts on a terminal, but keep invisible characters: for text that a program may read."""
    return _without(text, ACTING)


def _without(text: str, unwanted: str) -> str:
    if not re.search(f"[{unwanted}]", text):  # as in most texts
        return text
    text = re.sub(_NEWLINES, "\n", re.sub(_BROKEN_ESCAPE, "", re.sub(_ESCAPE, "", text)))
    return re.sub(f"[{unwanted}]", "", text)


def line(text: str) -> str:
    """Make the text printable on one line: a newline or a tab becomes a space, so that columns stay."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def one_line(text: str) -> str:
    """Make the text printable, with each run of white space as one space."""
    return " ".join(printable(text).split())


def escape_unseen(text: str) -> str:
    """Replace each invisible character by an escape, for a person who must trust the text."""
    return re.sub(f"[{UNSEEN}]|(?<=[ -~])[{JOINERS}]", _escape, text.replace("\r\n", "\n"))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def escape_json(text: str) -> str:
    """Replace each unseen character of JSON text by a `\\u` escape: the value is the same, and the terminal is safe."""
    return re.sub(f"[{UNSEEN}]", _json_escape, text)


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


class Cleaner:
    """Cleans text in pieces: an escape sequence or CR LF that is cut in two is held back until it is complete.

    `all_unseen`: clean as `printable` does, else as `harmless`.
    """

    def __init__(self, *, all_unseen: bool = True) -> None:
        self._unwanted = UNSEEN if all_unseen else ACTING
        self._held = ""

    def feed(self, text: str) -> str:
        text = self._held + text
        self._held = ""
        if not re.search(f"[{self._unwanted}]", text):
            return text
        text = re.sub(_ESCAPE, "", text)
        if text.endswith("\r"):
            text, self._held = text[:-1], "\r"
        elif found := re.search(_OPEN_ESCAPE, text):
            text, self._held = text[: found.start()], found[0]
        return _without(text, self._unwanted)

    def end(self) -> str:
        """Return the rest of a sequence that was never completed."""
        held, self._held = self._held, ""
        return _without(held, self._unwanted)
