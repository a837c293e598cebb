"""A listener that keeps a session's own fold of its timeline."""

from __future__ import annotations

from ralph.core.llm.request import Channel
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.timeline import Fold


class FoldView:
    """Adds each event to a fold."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def event(self, envelope: Envelope) -> None:
        self._fold.add(envelope)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore live pieces, which arrive again as deltas."""
