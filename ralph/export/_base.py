"""What an export is made of, for those whose file needs no more than a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from ralph.core.data import Data, frozen
from ralph.core.timeline.recorded import RecordedTimeline


@frozen
class TextExport(Data):
    """A format of one function, which makes the whole text."""

    name: str
    suffix: str
    text: Callable[[RecordedTimeline], str]

    def write(self, timeline: RecordedTimeline, out: TextIO) -> None:
        out.write(self.text(timeline))
