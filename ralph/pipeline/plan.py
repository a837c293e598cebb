"""The input of a turn: the question, the conversation so far, models, tools, consent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import field, replace
from typing import Any, Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.consent import CallFacts, Decision, Scope, Taint
from ralph.core.llm.messages import Message
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request, ToolSpec
from ralph.core.llm.routing import RouteMode
from ralph.core.llm.tool import Surroundings, Tool, is_on_demand
from ralph.core.llm.tool_output import LastRead
from ralph.core.log.events import Note, Rerun
from ralph.core.log.recording import Gateway, Recorder
from ralph.core.ports.face import Asker
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.turns import Block

# The most tokens of the conversation in a route request.
HISTORY_TOKENS = 1500
# Returns the expected waste of a request in nano-dollars; None if unknown, or if guessing is unwise.
Quote = Callable[[ModelRef, Request], Awaitable[int | None]]
Consenting = Callable[[CallFacts], Decision]
Grant = Callable[[str, Scope], None]
LastReads = Callable[[], Awaitable[Mapping[str, LastRead]]]


@frozen
class Models(Data):
    """The models of a turn by role."""

    route: ModelRef
    tool: ModelRef
    format: ModelRef
    route_mode: RouteMode = "auto"
    """`auto` asks the rules first, and `route` if they do not fully match."""
    auto: tuple[str, ...] = ()
    """The roles whose model is still to be chosen for the turn."""
    unnamed: tuple[str, ...] = ()
    """The roles for which a person named no model."""
    ask_small: bool = False
    """Whether an `auto` route asks its model even if it is a small one on this machine."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """The reason for the model of each role in `auto`."""
    route_left: str = ""
    """Why an `auto` route does not ask its model in this turn, as a sentence; empty if it does."""

    def of(self, role: str) -> ModelRef:
        """Return the model of a role."""
        return {"route": self.route, "tool": self.tool, "format": self.format}[role]

    def find_roles(self, provider: str) -> tuple[str, ...]:
        """Return the roles whose model belongs to this provider."""
        asked = [r for r in ("route", "tool", "format") if r != "route" or self.route_mode != "rules"]
        return tuple(r for r in asked if provider in (one.provider for one in self.of(r).each))

    def roles(self) -> dict[str, str]:
        """Return the map that `turn.started` records."""
        route = "rules" if self.route_mode == "rules" else str(self.route)
        return {"route": route, "tool": str(self.tool), "format": str(self.format)}


@frozen
class RerunPlan(Data):
    """The turn that is run again, and its steps that are kept unchanged."""

    rerun_of: Rerun
    kept: tuple[Block, ...] = ()


@frozen
class ToolPolicy(Data):
    """The tools that a turn may use, and who allows a call."""

    offered: Mapping[str, Tool]
    """The tools that may run, by name."""
    decide: Consenting
    """The configured consent."""
    around: Surroundings
    """The working directory, clock and timelines that a tool may use."""
    grant: Grant | None = None
    """Keeps the rule of an answer that covers later calls too, for its scope."""
    taint: Callable[[], Taint] = Taint
    """Returns the outside content in the window now: in the earlier turns that the requests carry, and in this one."""
    last_reads: LastReads | None = None
    """Returns what the model last saw of each file in this timeline. May read earlier turns from the store."""
    asker: Asker | None = None
    """Asks a person for consent; None if no person is there."""
    max_rounds: int = 8
    """How often a model may request calls, 0 to 8."""
    news: Callable[[], tuple[Note, ...]] = tuple
    """Returns the notes about sources of tools that the timeline does not have yet."""
    pinned: tuple[str, ...] | None = None
    """Tools that the person set in place of the route: none with (), the route's own choice with None."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the offered tools as models see them, always in the same order, so that prompt caches hit."""
        return tuple(self.offered[name].spec for name in sorted(self.offered))

    @property
    def on_demand(self) -> frozenset[str]:
        """Return the tools that are declared to the tool model only if the route chose them."""
        return frozenset(name for name, tool in self.offered.items() if is_on_demand(tool))

    def choose(self, names: Collection[str]) -> ToolPolicy:
        """Return the policy after the route's choice: of the tools that are declared on demand, only chosen ones."""
        offered = {n: tool for n, tool in self.offered.items() if n in names or not is_on_demand(tool)}
        return self if len(offered) == len(self.offered) else replace(self, offered=offered)

    def pin(self, names: tuple[str, ...] | None) -> ToolPolicy:
        """Return the policy with these tools in place of the route's choice; missing tools are left out."""
        offered = {name: self.offered[name] for name in names if name in self.offered} if names else self.offered
        return replace(self, offered=offered, pinned=names)


@frozen
class SpeculationPolicy(Data):
    """Whether format may start before route has decided."""

    mode: Literal["off", "auto", "on"] = "off"
    """`auto` weighs what a guess is expected to waste."""
    quote: Quote | None = None
    """The expected waste of guessing a request, in nano-dollars; None if the guess would only wait."""


@frozen
class TurnPlan(Data):
    """The input of a turn."""

    input: UserInput
    """What the person sent."""
    models: Models
    """The models that route, call tools and answer."""
    tools: ToolPolicy
    """The tools that may be called."""
    speculation: SpeculationPolicy = SpeculationPolicy()
    """Whether format starts early."""
    history: tuple[Message, ...] = ()
    """The messages of the earlier turns, as the context policy chose them."""
    system: str = ""
    """The system prompt."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Sampling and other parameters of the requests, by name."""
    again: RerunPlan | None = None
    """The turn that this one runs again; None for a new one."""
    left_out: int = 0
    """How many earlier turns are not in the history."""
    notes: tuple[Note, ...] = ()
    """The notes to record at the start of the turn."""
    told: frozenset[str] = frozenset()
    """Kinds of notes that the timeline already has and that are recorded only once."""


@frozen
class Run(Data):
    """The state that all steps of a running turn share. `question` is the whole user message."""

    plan: TurnPlan
    question: str
    gateway: Gateway
    recorder: Recorder
