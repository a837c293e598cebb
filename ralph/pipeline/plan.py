"""What a turn is given before it starts: the question, the conversation so far, models, tools, consent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from typing import Any, Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.messages import Message
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request, ToolSpec
from ralph.core.llm.routing import RouteMode
from ralph.core.llm.tool import Decision, Effect, Surroundings, Tool
from ralph.core.log.events import Note, Rerun
from ralph.core.log.recording import Gateway, Recorder
from ralph.core.ports.face import Asker
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.turns import Block

# What a model that routes gets of the conversation so far.
HISTORY_TOKENS = 1500
# What a request that is thrown away would cost, in nano-dollars; None: not known, or not wise.
Quote = Callable[[ModelRef, Request], Awaitable[int | None]]
Consenting = Callable[[str, Mapping[str, Any], Effect], Decision]


@frozen
class Models(Data):
    """Who does what."""

    route: ModelRef
    tool: ModelRef
    format: ModelRef
    route_mode: RouteMode = "auto"
    """`auto` asks the rules first and `route` where they do not fully match."""
    auto: tuple[str, ...] = ()
    """The roles whose model is still to be chosen for the turn."""
    unnamed: tuple[str, ...] = ()
    """The roles for which a person named no model."""
    ask_small: bool = False
    """An `auto` route asks its model also where that is a small one on this machine."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why each role of `auto` got its model."""
    route_left: str = ""
    """Why an `auto` route does not ask its model in this turn, as a sentence; empty where it does."""

    def of(self, role: str) -> ModelRef:
        """The model of a role."""
        return {"route": self.route, "tool": self.tool, "format": self.format}[role]

    def find_roles(self, provider: str) -> tuple[str, ...]:
        """The roles whose model this provider has."""
        asked = [r for r in ("route", "tool", "format") if r != "route" or self.route_mode != "rules"]
        return tuple(r for r in asked if provider in (one.provider for one in self.of(r).each))

    def roles(self) -> dict[str, str]:
        """The map that `turn.started` records."""
        route = "rules" if self.route_mode == "rules" else str(self.route)
        return {"route": route, "tool": str(self.tool), "format": str(self.format)}


@frozen
class RerunPlan(Data):
    """The turn that this one runs again, and the steps of it that are kept as they were."""

    rerun_of: Rerun
    kept: tuple[Block, ...] = ()


@frozen
class ToolPolicy(Data):
    """Which tools a turn may use, and who allows a call of one."""

    offered: Mapping[str, Tool]
    """By name, those that may run."""
    decide: Consenting
    """The configured consent."""
    around: Surroundings
    """What a tool may touch."""
    asker: Asker | None = None
    """A person who can be asked; None where nobody is there."""
    max_rounds: int = 8
    """How often a model may ask for calls, 0 to 8."""
    pinned: tuple[str, ...] | None = None
    """Tools that the person decided on in place of the route: none with (), the route's own choice with None."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The offered tools as models are told of them, always in the same order, so that prompt caches hit."""
        return tuple(self.offered[name].spec for name in sorted(self.offered))

    def pin(self, names: tuple[str, ...] | None) -> ToolPolicy:
        """These tools in place of the route's choice; what is not there is left out."""
        offered = {name: self.offered[name] for name in names if name in self.offered} if names else self.offered
        return replace(self, offered=offered, pinned=names)


@frozen
class SpeculationPolicy(Data):
    """Whether format may start before route has decided."""

    mode: Literal["off", "auto", "on"] = "off"
    """`auto` weighs what a guess is expected to waste."""
    quote: Quote | None = None
    """The expected waste of guessing a request, in nano-dollars; None where the guess would only wait."""


@frozen
class TurnPlan(Data):
    """What a turn is given before it starts."""

    input: UserInput
    """What the person sent."""
    models: Models
    """Who routes, calls tools and answers."""
    tools: ToolPolicy
    """What may be called."""
    speculation: SpeculationPolicy = SpeculationPolicy()
    """Whether format starts early."""
    history: tuple[Message, ...] = ()
    """The messages of the turns before, as the context policy chose them."""
    system: str = ""
    """The system prompt."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Sampling and other parameters of the requests, by name."""
    again: RerunPlan | None = None
    """The turn that this one runs again; None for a new one."""
    left_out: int = 0
    """How many earlier turns the history does not carry."""
    notes: tuple[Note, ...] = ()
    """What is told at its beginning."""
    told: frozenset[str] = frozenset()
    """Kinds of notes that the timeline has already, and that are told once only."""


@frozen
class Run(Data):
    """What all steps of a running turn share. `question` is the whole user message."""

    plan: TurnPlan
    question: str
    gateway: Gateway
    recorder: Recorder
