"""What the rules find: tool calls that answer a question, and whether they account for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.timeline.decision import Intent


@frozen
class PlannedCall(Data):
    """A tool call with its arguments, ready to run."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@frozen
class Match(Data):
    """`complete`: nothing of the question is left unexplained, so that the results of `calls` answer it.

    One that is not complete has no calls, only `hints`: the tools that a model will probably want. `exact`: the results
    are the answer that was asked for. Where they are not, the answer stands somewhere in them, or the question may mean
    something else in its conversation; a model that is there answers from them.
    """

    calls: tuple[PlannedCall, ...]
    intent: Intent
    reason: str
    complete: bool = True
    hints: tuple[str, ...] = ()
    exact: bool = True

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of the tools, once each."""
        return tuple(dict.fromkeys((*(c.name for c in self.calls), *self.hints)))


def one(intent: Intent, reason: str, name: str, /, **arguments: Any) -> Match:
    """A complete match with a single call; arguments that are None are left out."""
    given = {key: value for key, value in arguments.items() if value is not None}
    return Match((PlannedCall(name, given),), intent, reason)
