"""What decides about a tool call, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import Effect, Resource
from ralph.core.llm.tool_output import Rung

Scope = Literal["", "once", "turn", "timeline", "always", "config", "builtin", "headless"]
"""How far a decision reaches, or what it stands in: an answer of a person (once to always), the configuration, the
built-in verdict by effect, the flags of a headless run."""


@frozen
class Taint(Data):
    """Outside content in the window, and whether private content was read too."""

    sources: tuple[str, ...] = ()
    """Where outside content comes from, with the call that brought it: `example.com since 1.3c1`."""
    private: bool = False
    """Whether files, timelines or the environment were read."""

    def stops(self, effect: Effect) -> bool:
        """Return whether a call of this effect asks again, whatever allows it."""
        return bool(self.sources) and (effect in ("write", "run", "unknown") or (effect == "network" and self.private))


@frozen
class CallFacts(Data):
    """What decides about a call."""

    name: str
    arguments: Mapping[str, Any]
    effect: Effect
    resource: Resource = ""
    taint: Taint = Taint()
    rung: Rung | None = None
    """The sandbox that would hold a program; None if nobody asked for it."""
    changed: str = ""
    """Why the call asks again, whatever allows it but `--yes`: its definition changed. Empty if it did not."""


@frozen
class Decision(Data):
    """The verdict on a call: `ask` needs a person. `by` names the rule or effect that decided."""

    verdict: Literal["allowed", "denied", "ask"]
    by: str
    scope: Scope = ""
    rule: str = ""
    """The rule that decided; empty if none did."""
    network: bool = False
    """Whether the rule lets the program use the network."""
    always: str = ""
    """The rule that the answer "always" would store; empty if no rule can cover the call."""
    sandbox: Rung | None = None
    """The sandbox that would hold the program; None if the call runs none or nobody asked."""
