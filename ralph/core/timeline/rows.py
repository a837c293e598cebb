"""Saved timelines in a list, and their turns in a preview."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.llm.model_names import family_name
from ralph.core.llm.usage import Cost, Usage, format_charge

# The end of the title of a fork without its own title.
FORK_MARK = " (fork)"


@frozen
class TimelineRow(Data):
    """A saved timeline in a list. `busy`: a process has it open; `running`: a turn runs in it. `excerpt`: the search
    hit.

    A fork shares the turns 1 to `fork_turn` with the timeline that it was `forked_from`. `cost` includes all finished
    requests, also of turns that were not saved; `used` is False if none of them used anything. `model`: the ref of the
    last answer, empty without one; answers that a fork shares do not count.
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
        """Return where it is open, in words; `here` is the open timeline of this window. Empty if it is not open."""
        if self.id == here:
            return "open here"
        return "running in another window" if self.running else "open in another window" if self.busy else ""

    @property
    def charged(self) -> str:
        """Return the cost as text."""
        return format_charge(self.cost, Usage(source="reported" if self.used else "none"))

    @property
    def label(self) -> str:
        """Return its title. For a fork, the distinguishing part comes first: `⑂2 sonnet-5-5 · explain how tides work`,
        with the number of its first own turn and the model that answered there."""
        if not self.forked_from:
            return self.title or "untitled"
        title = self.title.removesuffix(f" ({self.model})")
        while title.endswith(FORK_MARK):
            title = title.removesuffix(FORK_MARK)
        named = f"⑂{self.fork_turn + 1}" + (f" {family_name(self.model)}" if self.model else "")
        return f"{named} · {title or 'untitled'}"


@frozen
class Glimpse(Data):
    """A turn of a saved timeline in a preview: the question, and the start of the answer."""

    number: int
    prompt: str
    answer: str
    status: str | None
