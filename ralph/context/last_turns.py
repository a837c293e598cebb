"""The context policy that sends the last turns whole, and the pinned ones however old they are."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.ports.context import ContextBuild
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.history import conversation
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn


class LastTurns:
    """Sends at most `max_turns` turns beside those that are pinned; 0 sends the pinned ones only."""

    def __init__(self, max_turns: int) -> None:
        self._max = max_turns

    @property
    def loads(self) -> int:
        return max(1, self._max)

    def turns(self, timeline: Timeline) -> Sequence[Turn]:
        first = len(timeline.turns) - self._max
        return tuple(t for n, t in enumerate(timeline.turns) if n >= first or str(t.number) in timeline.pins)

    def reaches_back(self, timeline: Timeline) -> bool:
        """A pin may stand before the loaded turns; a count larger than the loaded turns reaches before them."""
        return bool(timeline.pins) or len(timeline.turns) < self._max

    async def build(self, timeline: Timeline, asked: UserInput) -> ContextBuild:
        sent = self.turns(timeline)
        kept = {t.number for t in sent}
        dropped = tuple(t.number for t in timeline.turns if t.number not in kept)
        return ContextBuild(conversation(sent), tuple(sorted(kept)), dropped)
