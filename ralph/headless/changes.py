"""Describes in words what a timeline records beside its turns, for which a screen has its own lines."""

from __future__ import annotations

from collections.abc import Iterable

from ralph.commands._dispatch import verbatim
from ralph.commands._model_switch import roles_in_words
from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope


class Changes:
    """Collects the changes that are recorded while it is attached."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []

    def event(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, ev.RolesChanged | ev.TimelineChanged):
            self.events.append(envelope.event)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore pieces, since no change is a piece of a block."""


def in_words(changed: Iterable[ev.Event]) -> str:
    """Return a sentence for each new model and each new title, as markdown."""
    told = []
    for event in changed:
        if isinstance(event, ev.RolesChanged):
            told.append(roles_in_words(event.from_, event.to))
        elif isinstance(event, ev.TimelineChanged) and event.title is not None:
            told.append(f"The title is now “{verbatim(event.title)}”.")
    return "\n\n".join(told)
