"""The result of the rules: tool calls that answer a question, and whether they cover all of it."""

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
    """A match of the rules. `complete`: no part of the question is left, so the results of `calls` answer it.

    An incomplete match has no calls, only `hints`: the tools that a model will probably want. `exact`: the results
    are the answer. If not, the answer is somewhere in the results, or the question may mean something else in its
    conversation; an available model then answers from the results.
    """

    calls: tuple[PlannedCall, ...]
    intent: Intent
    reason: str
    complete: bool = True
    hints: tuple[str, ...] = ()
    exact: bool = True

    @property
    def tools(self) -> tuple[str, ...]:
        """Return the names of the tools, each once."""
        return tuple(dict.fromkeys((*(c.name for c in self.calls), *self.hints)))


def one(intent: Intent, reason: str, name: str, /, **arguments: Any) -> Match:
    """Return a complete match with a single call; arguments that are None are left out."""
    given = {key: value for key, value in arguments.items() if value is not None}
    return Match((PlannedCall(name, given),), intent, reason)
