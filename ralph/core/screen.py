"""Text of models and tools made safe for a terminal."""

from __future__ import annotations

import re

# Whole escape sequences first (CSI, OSC and the like), then every control character but newline and tab,
# then the marks that turn the direction of text, which can make a screen lie.
_SEQUENCES = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_].*?(?:\x07|\x1b\\\\|$)|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]", re.DOTALL
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without anything that moves a cursor, sets a colour or a title, or turns the reading direction."""
    if "\x1b" in text or "\x9b" in text:
        text = _SEQUENCES.sub("", text)
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))
