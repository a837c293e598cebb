"""What the file of an export format offers."""

from __future__ import annotations

from typing import Protocol, TextIO

from ralph.core.timeline.recorded import RecordedTimeline


class Export(Protocol):
    """A form in which a timeline is taken away; its file offers one under the name `EXPORT`.

    Known keys, and what acts on a terminal, are taken out of what it writes before that leaves ralph.
    """

    @property
    def name(self) -> str:
        """What `--to` takes."""
        ...

    @property
    def suffix(self) -> str:
        """Of a file in this form, with its dot."""
        ...

    def write(self, timeline: RecordedTimeline, out: TextIO) -> None:
        """Write the whole timeline. `timeline.events` has every event, the rest is what they fold to."""
        ...
