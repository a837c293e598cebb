"""The context policy that sends the last turns completely, and pinned turns of any age."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.ports.context import ContextBuild
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.history import conversation
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn


class LastTurns:
    """Sends at most `max_turns` turns in addition to the pinned ones; 0 sends only pinned turns."""

    def __init__(self, max_turns: int) -> None:
        self._max = max_turns

    @property
    def loads(self) -> int:
        return max(1, self._max)

    def turns(self, timeline: Timeline) -> Sequence[Turn]:
        first = len(timeline.turns) - self._max
        return tuple(t for n, t in enumerate(timeline.turns) if n >= first or str(t.number) in timeline.pins)

    def reaches_back(self, timeline: Timeline) -> bool:
        """Return whether the request may need turns that are not loaded: pinned ones, or a larger `max_turns`."""
        return bool(timeline.pins) or len(timeline.turns) < self._max

    async def build(self, timeline: Timeline, asked: UserInput) -> ContextBuild:
        sent = self.turns(timeline)
        kept = {t.number for t in sent}
        dropped = tuple(t.number for t in timeline.turns if t.number not in kept)
        return ContextBuild(conversation(sent), tuple(sorted(kept)), dropped)
