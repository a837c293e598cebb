"""The protocol of an export format."""

from __future__ import annotations

from typing import Protocol, TextIO

from ralph.core.timeline.recorded import RecordedTimeline


class Export(Protocol):
    """An export format; its file offers one under the name `EXPORT`.

    Known keys and terminal control sequences are removed from its output before the output leaves ralph.
    """

    @property
    def name(self) -> str:
        """Return the name for `--to`."""
        ...

    @property
    def suffix(self) -> str:
        """Return the suffix of its files, with the dot."""
        ...

    def write(self, timeline: RecordedTimeline, out: TextIO) -> None:
        """Write the whole timeline. `timeline.events` has every event; the other fields are folded from them."""
        ...
