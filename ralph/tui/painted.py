"""The last step before painting: it removes everything that acts on a terminal from the lines of a widget."""

from __future__ import annotations

import re

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ralph.core.sanitise import ACTING

_ACTING = re.compile(f"[{ACTING}\t\n]")


def harmless(strip: Strip) -> Strip:
    """Return the line without control characters and direction marks, in its texts and in its links."""
    if not any(_acts(segment) for segment in strip):  # nearly every line returns here
        return strip
    return Strip([Segment(_ACTING.sub("", s.text), _unlink(s.style)) for s in strip])


def _acts(segment: Segment) -> bool:
    style = segment.style
    return bool(_ACTING.search(segment.text) or (style and style.link and _ACTING.search(style.link)))


def _unlink(style: Style | None) -> Style | None:
    return style.update_link(None) if style and style.link and _ACTING.search(style.link) else style
