"""Saved timelines in a list, and their turns in a preview."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.llm.model_names import family_name
from ralph.core.llm.usage import Cost, Usage, format_charge

# How the title of a fork ends that got no title of its own.
FORK_MARK = " (fork)"


@frozen
class TimelineRow(Data):
    """A saved timeline in a list. `busy`: a process has it open; `running`: and a turn runs in it. `excerpt`: where a
    search hit it.

    A fork shares the turns 1 to `fork_turn` with the timeline that it was `forked_from`. `cost` is that of all its
    requests that are over, also of turns that were not saved; `used` is False where none of them used anything.
    `model`: the ref that last wrote an answer in it, empty where none did; answers that a fork shares do not count.
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
    model: str = ""

    def place(self, here: str) -> str:
        """Where it is open, in words; `here` is the timeline that is open in this window. Empty for one that is not."""
        if self.id == here:
            return "open here"
        return "running in another window" if self.running else "open in another window" if self.busy else ""

    @property
    def charged(self) -> str:
        """The cost as a person reads it."""
        return format_charge(self.cost, Usage(source="reported" if self.used else "none"))

    @property
    def label(self) -> str:
        """Its title; of a fork, what tells it from others comes first: `⑂2 sonnet-5-5 · explain how tides work`, the
        number of its first own turn and the model that answered there."""
        if not self.forked_from:
            return self.title or "untitled"
        title = self.title.removesuffix(f" ({self.model})")
        while title.endswith(FORK_MARK):
            title = title.removesuffix(FORK_MARK)
        named = f"⑂{self.fork_turn + 1}" + (f" {family_name(self.model)}" if self.model else "")
        return f"{named} · {title or 'untitled'}"


@frozen
class Glimpse(Data):
    """A turn of a saved timeline as a preview tells it: what was asked, and how the answer begins."""

    number: int
    prompt: str
    answer: str
    status: str | None
