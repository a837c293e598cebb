"""`jsonl`: the event stream, one envelope per line as `--output jsonl` prints it; nothing is lost."""

from __future__ import annotations

from ralph.core.log import events as ev
from ralph.core.log.codec import dump_visible, to_json
from ralph.core.timeline.recorded import RecordedTimeline
from ralph.export._base import TextExport


def text(timeline: RecordedTimeline) -> str:
    """Return inherited events, then the timeline's own. Damaged events are left out without a replacement."""
    whole = (e for e in timeline.events if not (isinstance(e.event, ev.Unknown) and e.event.damage))
    return "".join(f"{dump_visible(to_json(envelope))}\n" for envelope in whole)


EXPORT = TextExport("jsonl", ".jsonl", text)
