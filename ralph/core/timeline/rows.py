"""Saved timelines in a list, and their turns in a preview."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.llm.usage import Cost, Usage, charged


@frozen
class TimelineRow(Data):
    """A saved timeline in a list. `busy`: a process has it open; `running`: and a turn runs in it. `excerpt`: where a
    search hit it.

    A fork shares the turns 1 to `fork_turn` with the timeline that it was `forked_from`. `cost` is that of all its
    requests that are over, also of turns that were not saved; `used` is False where none of them used anything.
    """

    id: str
    title: str
    opened_at: str
    updated_at: str
    turns: int
    cost: Cost
    forked_from: str | None = None
    busy: bool = False
    excerpt: str = ""
    fork_turn: int = 0
    running: bool = False
    used: bool = True

    def place(self, here: str) -> str:
        """Where it is open, in words; `here` is the timeline that is open in this window. Empty for one that is not."""
        if self.id == here:
            return "open here"
        return "running in another window" if self.running else "open in another window" if self.busy else ""

    @property
    def charged(self) -> str:
        """The cost as a person reads it."""
        return charged(self.cost, Usage(source="reported" if self.used else "none"))


@frozen
class Glimpse(Data):
    """A turn of a saved timeline as a preview tells it: what was asked, and how the answer begins."""

    number: int
    prompt: str
    answer: str
    status: str | None
