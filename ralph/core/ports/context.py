"""What the next request would carry, as a report: the window and what fills it."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.usage import Usage

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
    def used(self) -> int:
        """What is sent before a word of the next question."""
        return self.system + self.tools + self.history

    @property
    def free(self) -> int:
        """The room for the next question and its results; below zero where it does not fit."""
        return self.window - self.used - self.reserve
