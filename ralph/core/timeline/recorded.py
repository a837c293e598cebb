"""A saved timeline with all events that it was folded from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise

from ralph.core.data import frozen
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.timeline import Timeline, describe_damage, fold, missing


@frozen
class RecordedTimeline(Timeline):
    """A timeline with its `events`: the inherited ones first, then its own, with all deltas."""

    events: tuple[Envelope, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        """Return the losses of its log, a sentence each."""
        gaps = [missing(b.timeline, a.seq + 1, b.seq - 1) for a, b in pairwise(self.events) if b.seq > a.seq + 1]
        return (*gaps, *describe_damage(self.events))


def fold_recorded(events: Sequence[Envelope]) -> RecordedTimeline:
    """Return the timeline of these events; at least one is needed."""
    folded = fold(events[-1].timeline, events)
    return RecordedTimeline(**{f.name: getattr(folded, f.name) for f in fields(folded)}, events=tuple(events))
