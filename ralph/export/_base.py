"""The base of an export format that needs only one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from ralph.core.data import Data, frozen
from ralph.core.timeline.recorded import RecordedTimeline


@frozen
class TextExport(Data):
    """A format of one function, which returns the whole text."""

    name: str
    suffix: str
    text: Callable[[RecordedTimeline], str]

    def write(self, timeline: RecordedTimeline, out: TextIO) -> None:
        out.write(self.text(timeline))
