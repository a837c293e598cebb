"""`json`: one object, the same as `ralph show ID --json` prints."""

from __future__ import annotations

from ralph.core.log.codec import dump_visible
from ralph.core.timeline.json_output import timeline_json
from ralph.core.timeline.recorded import RecordedTimeline
from ralph.export._base import TextExport


def text(timeline: RecordedTimeline) -> str:
    return dump_visible(timeline_json(timeline)) + "\n"


EXPORT = TextExport("json", ".json", text)
