"""The title of a timeline: the first line of its first question."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.rows import FORK_MARK

TITLE_CHARACTERS = 60


def make_title(text: str) -> str:
    """Return the first line of a question, cut at the limit."""
    line = next((part for part in text.split("\n") if part.strip()), "").strip()
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"


def is_borrowed(events: Sequence[Envelope]) -> bool:
    """Return whether the title of a timeline is that of a question which the timeline does not contain.

    A fork from before the first turn begins so. A title that a person gave is not borrowed.
    """
    titles = [e.event.title for e in events if isinstance(e.event, ev.TimelineOpened | ev.TimelineChanged)]
    given = [title for title in titles if title]
    no_turn = not any(e.turn for e in events)
    return no_turn and len(given) > 1 and given[1:] == [f"{given[0]}{FORK_MARK}"]
