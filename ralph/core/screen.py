"""Text of models and tools made safe for a terminal."""

from __future__ import annotations

import re

# What no person sees, as the inside of a character class: control characters but newline and tab; marks that turn the
# direction of a line (CVE-2021-42574); fillers and others of no width, which hide text in text; variation selectors,
# whose 256 values carry any bytes unseen behind one letter; the "tag" alphabet; lone surrogates. U+FE0E and U+FE0F
# stay, which emoji need, and the joiners, which emoji and Persian need.
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\ud800-\udfff"
)
JOINERS = "\u200c\u200d\ufe0e\ufe0f"
# Whole escape sequences: CSI, a control string with its end, the rest. Strings, which `re` compiles and keeps at their
# first use: the screen needs nothing of them before its first paint.
_SEQUENCES = "\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]"


def printable(text: str) -> str:
    """The text without anything that moves a cursor, sets a colour or a title, turns the direction, or is not seen."""
    if "\x1b" in text or "\x9b" in text:
        text = re.sub(_SEQUENCES, "", text)
    return re.sub(f"[{UNSEEN}]", "", text.replace("\r\n", "\n"))
