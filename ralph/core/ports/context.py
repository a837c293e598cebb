"""What a request carries of the conversation before it: the policy that decides, and a report of the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from ralph.core.data import Data, frozen
from ralph.core.llm.messages import Message
from ralph.core.llm.usage import Usage
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn

WindowSource = Literal["provider", "table", "assumed"]


@frozen
class TurnWeight(Data):
    """A turn's estimated tokens as part of the conversation. `kept`: the next request carries it."""

    number: int
    prompt: str
    tokens: int
    kept: bool = True


@frozen
class ContextReport(Data):
    """Estimated tokens by what they are for. `last` is what the last request of the format step reported.

    `next_out` is the turn that leaves at the next one, because `max_turns` are then reached.
    """

    model: str
    window: int
    source: WindowSource
    system: int
    tools: int
    tool_count: int
    reserve: int
    max_turns: int
    turns: tuple[TurnWeight, ...] = ()
    next_out: int | None = None
    last: Usage | None = None
    last_model: str = ""

    @property
    def history(self) -> int:
        return sum(t.tokens for t in self.turns if t.kept)

    @property
    def read_budgets(self) -> int:
        """What is sent before a word of the next question."""
        return self.system + self.tools + self.history

    @property
    def free(self) -> int:
        """The room for the next question and its results; below zero where it does not fit."""
        return self.window - self.read_budgets - self.reserve


@frozen
class ContextBuild(Data):
    """The conversation as one request carries it."""

    messages: tuple[Message, ...]
    """Oldest first; the question itself is not among them."""
    sent: tuple[int, ...] = ()
    """The numbers of the turns in it."""
    dropped: tuple[int, ...] = ()
    """The numbers of the turns that are loaded and not in it."""


class ContextPolicy(Protocol):
    """Decides which turns of a timeline a request carries."""

    @property
    def loads(self) -> int:
        """How many of the last turns to read when a timeline is opened; at least 1."""
        ...

    def turns(self, timeline: Timeline) -> Sequence[Turn]:
        """The turns that the next request carries, oldest first. Pure."""
        ...

    def reaches_back(self, timeline: Timeline) -> bool:
        """The next request may carry turns before the first one that is loaded."""
        ...

    async def build(self, timeline: Timeline, asked: UserInput) -> ContextBuild:
        """The conversation for this question. Raises `Failure` where it cannot be made to fit."""
        ...
