"""The conversation that a request carries: the policy that decides, and a report about the window."""

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
    """The estimated tokens of a turn in the conversation. `kept`: the next request carries the turn."""

    number: int
    prompt: str
    tokens: int
    kept: bool = True


@frozen
class ContextReport(Data):
    """Estimated tokens by purpose. `last` is the input that the last request of the format step reported.

    `next_out` is the turn that the next request leaves out, because `max_turns` is then reached.
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
        """Return the tokens that are sent before the next question."""
        return self.system + self.tools + self.history

    @property
    def free(self) -> int:
        """Return the tokens left for the next question and its results; negative if they do not fit."""
        return self.window - self.read_budgets - self.reserve


@frozen
class ContextBuild(Data):
    """The conversation for one request."""

    messages: tuple[Message, ...]
    """The messages, oldest first, without the question itself."""
    sent: tuple[int, ...] = ()
    """The numbers of the included turns."""
    dropped: tuple[int, ...] = ()
    """The numbers of the loaded turns that are not included."""


class ContextPolicy(Protocol):
    """Decides which turns of a timeline a request carries."""

    @property
    def loads(self) -> int:
        """Return how many of the last turns to read when a timeline is opened; at least 1."""
        ...

    def turns(self, timeline: Timeline) -> Sequence[Turn]:
        """Return the turns that the next request carries, oldest first. Pure."""
        ...

    def reaches_back(self, timeline: Timeline) -> bool:
        """Return whether the next request may carry turns before the first loaded one."""
        ...

    async def build(self, timeline: Timeline, asked: UserInput) -> ContextBuild:
        """Return the conversation for this question. Raises `Failure` if it cannot be made to fit."""
        ...
