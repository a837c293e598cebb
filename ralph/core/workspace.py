"""What a face and a command may ask of everything beside the screen: the open conversation, the workspace around it."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from ralph.core.context import ContextReport
from ralph.core.data import Data, frozen
from ralph.core.discovery import Discovery
from ralph.core.envelope import Envelope
from ralph.core.events import Effect
from ralph.core.listener import EventListener
from ralph.core.overrides import TurnOverrides
from ralph.core.prices import PriceRow
from ralph.core.provider import ModelInfo
from ralph.core.speed import ModelSpeed
from ralph.core.timeline import Timeline
from ralph.core.turns import Turn
from ralph.core.usage import Cost
from ralph.core.usage_report import BudgetRow, CapName, GroupBy, UsageReport

Step = Literal["route", "tool", "format"]
STEPS: tuple[Step, ...] = ("route", "tool", "format")


@frozen
class TimelineRow(Data):
    """A saved timeline in a list. `busy`: another process writes it. `excerpt`: where a search hit it.

    A fork shares the turns 1 to `fork_turn` with the timeline that it was `forked_from`.
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


@frozen
class ProviderRow(Data):
    """A provider in a list. `configured`: it has what it needs; `why` says how, or what is missing.

    `breakers`: its models that are left alone after failures, `model (open)`.
    """

    name: str
    kind: str
    summary: str
    configured: bool
    local: bool
    why: str
    base_url: str = ""
    roles: tuple[str, ...] = ()
    breakers: tuple[str, ...] = ()


@frozen
class Switch(Data):
    """What would become of a conversation if this model answered its next turn.

    `tokens` is the conversation and `window` the model's, None where it is not known; `room` is kept free for the
    answer. `lost` is what cannot go along, a sentence each. `cost` is what reading the conversation costs once, since
    the new model has none of it in its cache.
    """

    ref: str
    tokens: int = 0
    window: int | None = None
    room: int = 0
    lost: tuple[str, ...] = ()
    cost: Cost = Cost()

    @property
    def fits(self) -> bool:
        """Or it is not known that it does not."""
        return self.window is None or self.tokens + self.room <= self.window


@frozen
class Check(Data):
    """Something that was looked at, whether it is well, and what was seen."""

    name: str
    ok: bool
    detail: str


@frozen
class ToolRow(Data):
    """A tool in a list: `verdict` is what becomes of a call of it, `by` what decides that."""

    name: str
    summary: str
    effect: Effect
    verdict: Literal["allowed", "denied", "ask"]
    by: str


Rule = Literal["allow", "ask", "deny"]


@frozen
class ModelRow(Data):
    """A model on offer in a list; `price` and `window` are None where nobody tells, `pace` was measured here."""

    ref: str
    window: int | None = None
    price: PriceRow | None = None
    pace: ModelSpeed = ModelSpeed()
    retires: str | None = None


@frozen
class Glimpse(Data):
    """A turn of a saved timeline as a preview tells it: what was asked, and how the answer begins."""

    number: int
    prompt: str
    answer: str
    status: str | None


class Conversation(Protocol):
    """One open timeline that can be talked to."""

    @property
    def id(self) -> str: ...

    @property
    def busy(self) -> bool:
        """A turn is running."""
        ...

    @property
    def roles(self) -> Mapping[str, str]:
        """Role to model ref, as the next turn will use them (`auto` resolved; `rules` for route's rules)."""
        ...

    @property
    def overrides(self) -> TurnOverrides:
        """What the person has chosen for the turns to come."""
        ...

    @property
    def system(self) -> str:
        """The system prompt of the next turn."""
        ...

    @property
    def tools(self) -> Sequence[str]:
        """The names of the tools that are offered."""
        ...

    def timeline(self) -> Timeline:
        """What has been recorded so far, folded; of a long one just opened, its last turns until `whole`."""
        ...

    @property
    def partial(self) -> bool:
        """Its earlier turns have not been read yet."""
        ...

    async def whole(self) -> Timeline:
        """Read the earlier turns too, once; a second for ten thousand blocks. Raises `StoreFailure`."""
        ...

    async def stored(self) -> None:
        """Wait until all that was recorded is in the database. Raises `StoreFailure`."""
        ...

    def attach(self, view: EventListener) -> None: ...

    def detach(self, view: EventListener) -> None: ...

    def submit(self, prompt: str, context: str = "") -> Task[None]:
        """Start a turn. Its failures are blocks, never exceptions of the task. One turn at a time."""
        ...

    def once(self, ref: str, prompt: str, context: str = "") -> Task[None]:
        """The same, with this model for tool and format in this turn only. Raises `Failure` for a ref that is none."""
        ...

    def rerun(self, turn: Turn, from_: Step = "route", ref: str = "") -> Task[None]:
        """Run this turn again as the next one, from this step on: what came before it is kept as it was.

        With a `ref` that model does tool and format in this turn only. The turn may be another timeline's: a re-run
        goes into a fork. Raises `Failure` where a step that would be kept did not end well.
        """
        ...

    def override(self, overrides: TurnOverrides, *, quiet: bool = False) -> None:
        """From the next turn on. Raises `Failure`. What changes for the models is recorded, unless `quiet`: for
        one answer beside this conversation."""
        ...

    def change(self, *, title: str | None = None, pins: Sequence[str] | None = None, system: str | None = None) -> None:
        """Record another title, other pins, another system prompt (empty: none); None changes nothing."""
        ...

    async def stop(self) -> None:
        """Cancel the running turn and wait until everything open is finished. A second call changes nothing."""
        ...

    def use(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model for these roles from the next turn on; returns the new map. Raises `Failure`."""
        ...

    async def close(self) -> None: ...


class Workspace(Protocol):
    """Everything beside the open conversation that a face or a command may ask for."""

    async def open(self, timeline: str | None = None, *, turns: int | None = None) -> Conversation:
        """A new timeline (None), or a saved one by id, unique prefix or `last`. Raises `NotFound`, `Failure(BUSY)`.

        `turns`: so many of its last turns are read at once; None for as many as the next turn sends.
        """
        ...

    async def resolve(self, timeline: str) -> str:
        """The whole id of a saved timeline, by id, unique prefix or `last`. Raises `NotFound`."""
        ...

    async def fork(self, timeline: str, turn: int | None = None, title: str = "") -> str:
        """A new timeline that shares the turns 1 to `turn` (None: all) with this one; its id. Raises `NotFound`."""
        ...

    def model(self, text: str) -> str:
        """The ref that is meant: an alias and a provider's bare name are resolved. Raises `Failure` for none."""
        ...

    async def check(self, conversation: Conversation, ref: str) -> Switch:
        """What would become of this conversation with this model. May ask its provider for its models.

        Raises `Failure` for a ref that is none; what cannot be found out is not known, and no failure.
        """
        ...

    async def timelines(self, search: str = "") -> tuple[TimelineRow, ...]:
        """Saved timelines, latest first; with `search`, those whose contents hold it."""
        ...

    async def recorded(self, timeline: str) -> Sequence[Envelope]:
        """Every event of a saved timeline (id, unique prefix, `last`) with all its deltas, for a replay: inherited
        events first. Takes no lock and writes nothing. Raises `NotFound`."""
        ...

    def providers(self) -> tuple[ProviderRow, ...]: ...

    async def models(self, provider: str) -> tuple[ModelInfo, ...]:
        """What the provider lists. Raises `Failure`."""
        ...

    async def offered(self, provider: str) -> tuple[ModelRow, ...]:
        """What the provider lists, with prices, windows and paces. Raises `Failure`."""
        ...

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """The configured aliases, each with the refs that it stands for."""
        ...

    async def preview(self, timeline: str, last: int = 6) -> tuple[Glimpse, ...]:
        """The last turns of a saved timeline, oldest first; nothing is opened or locked. Raises `NotFound`."""
        ...

    async def forks(self, timeline: str) -> tuple[str, ...]:
        """The timelines that were forked from this one."""
        ...

    async def rename(self, timeline: str, title: str) -> None:
        """Give a saved timeline another title. Raises `Failure(BUSY)` where another process writes it."""
        ...

    async def delete(self, timeline: str, *, with_forks: bool = False) -> tuple[str, ...]:
        """Remove a whole timeline; its costs stay in the ledger. Raises `Failure` where forks hang on it."""
        ...

    async def context(self, conversation: Conversation) -> ContextReport:
        """What the next request would carry, estimated. May ask the provider for its models."""
        ...

    async def look_around(self) -> Discovery:
        """Look for servers of models on this machine; where nothing was named, choose one and keep the choice.

        Asks loopback addresses only. Conversations of this workspace use the choice from their next turn on.
        """
        ...

    async def usage(self, by: GroupBy) -> UsageReport:
        """The whole ledger, grouped."""
        ...

    async def budget(self, timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        """Every budget and how far it has gone; those of turn and timeline for this turn of this timeline."""
        ...

    def set_budget(self, name: CapName, usd: float | None) -> None:
        """Another cap (None: none) until this process ends, from the next request on. Raises `Failure(USAGE)`."""
        ...

    def tools(self) -> tuple[ToolRow, ...]:
        """Every tool there is, also what is denied, by name."""
        ...

    def rule(self, pattern: str, rule: Rule) -> None:
        """Another rule for a tool or a pattern until this process ends, from the next call on. Raises `NotFound`."""
        ...

    async def recent(self) -> tuple[str, ...]:
        """The model refs that answered or called tools in any timeline, the latest first."""
        ...

    async def checks(self, *, live: bool = False) -> tuple[Check, ...]:
        """What is well and what is not; `live` asks each configured provider for its models."""
        ...

    async def filled(self, conversation: Conversation) -> float | None:
        """The share of its format model's window that the conversation fills, estimated; None where none is known.

        May ask the provider for its models, once.
        """
        ...

    def warm(self) -> Task[None]:
        """Import and open, in the background, what the next request will need."""
        ...
