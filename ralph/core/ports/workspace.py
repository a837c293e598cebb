"""Everything beside the open conversation that a face or a command may ask for: seven services."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from typing import Protocol

from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.routing import Routing
from ralph.core.log.envelope import Envelope
from ralph.core.ports.choices import ChoiceService
from ralph.core.ports.context import ContextReport
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.discovery import Discovery
from ralph.core.ports.keys import KeyService
from ralph.core.ports.rows import Check, ModelRow, ProviderRow, Rule, Switch, ToolRow
from ralph.core.ports.usage_report import BudgetRow, CapName, GroupBy, UsageReport
from ralph.core.timeline.rows import Glimpse, TimelineRow


class TimelineService(Protocol):
    """The saved timelines."""

    async def open(
        self, timeline: str | None = None, *, turns: int | None = None, read_only: bool = False
    ) -> Conversation:
        """A new timeline (None), or a saved one by id, unique prefix or `last`. Raises `NotFound`, `OpenElsewhere`.

        `turns`: so many of its last turns are read at once; None for as many as the next turn sends. `read_only`: it is
        shown as it is now, also where another process writes it; whatever would change it raises `Failure(BUSY)`.
        """
        ...

    async def resolve(self, timeline: str) -> str:
        """The whole id of a saved timeline, by id, unique prefix or `last`. Raises `NotFound`."""
        ...

    async def fork(self, timeline: str, turn: int | None = None, title: str = "") -> str:
        """A new timeline that shares the turns 1 to `turn` (None: all) with this one; its id. Raises `NotFound`."""
        ...

    async def rows(self, search: str = "") -> tuple[TimelineRow, ...]:
        """Saved timelines, latest first; with `search`, those whose contents hold it."""
        ...

    async def read_events(self, timeline: str) -> Sequence[Envelope]:
        """Every event of a saved timeline (id, unique prefix, `last`) with all its deltas, inherited events first.
        Takes no lock and writes nothing. Raises `NotFound`."""
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
        """Remove a whole timeline; its costs stay in the ledger. Returns what was removed, forks first.
        Raises `Failure` where forks hang on it."""
        ...

    @property
    def unreached(self) -> tuple[str, ...]:
        """Where text of what was deleted last may still lie, a sentence each."""
        ...


class ModelService(Protocol):
    """The providers and their models."""

    def ref(self, text: str) -> str:
        """The ref that is meant: an alias and a provider's bare name are resolved. Raises `Failure` for none."""
        ...

    async def keep(self, ref: str, roles: Sequence[str]) -> str | None:
        """At a face that a person sits at, new conversations begin with this model for these roles, and so does every
        later start. Returns why that does not last, as `ChoiceService.keep`; None at another face, where nothing but
        the conversation changes."""
        ...

    async def reset(self, roles: Sequence[str]) -> str:
        """Forget which models the person chose for these roles. Returns why that does not last."""
        ...

    def routing(self) -> Routing:
        """What a new conversation begins with."""
        ...

    async def check(self, conversation: Conversation, ref: str) -> Switch:
        """What would become of this conversation with this model. May ask its provider for its models.

        Raises `Failure` for a ref that is none; what cannot be found out is not known, and no failure.
        """
        ...

    def providers(self) -> tuple[ProviderRow, ...]:
        """Every provider that can be named, in the order in which `auto` looks at them."""
        ...

    async def list_models(self, provider: str) -> tuple[ModelInfo, ...]:
        """What the provider lists. Raises `Failure`."""
        ...

    async def list_rows(self, provider: str) -> tuple[ModelRow, ...]:
        """What the provider lists, with prices, windows and measured speeds. Raises `Failure`."""
        ...

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """The configured aliases, each with the refs that it stands for."""
        ...

    async def recent(self) -> tuple[str, ...]:
        """The model refs that answered or called tools in any timeline, the latest first."""
        ...

    async def context(self, conversation: Conversation) -> ContextReport:
        """What the next request would carry, estimated. May ask the provider for its models."""
        ...

    async def estimate_fill(self, conversation: Conversation) -> float | None:
        """The share of its format model's window that the conversation fills, estimated; None where none is known.

        May ask the provider for its models, once.
        """
        ...


class UsageService(Protocol):
    """The ledger and the budgets."""

    async def report(self, by: GroupBy) -> UsageReport:
        """The whole ledger, grouped."""
        ...

    async def budgets(self, timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        """Every budget and how far it has gone; those of turn and timeline for this turn of this timeline."""
        ...

    async def version(self) -> int:
        """Another number after another process wrote to the ledger's database; it is cheap to ask for."""
        ...

    def set_budget(self, name: CapName, usd: float | None) -> None:
        """Another cap (None: none) from the next request on; `ChoiceService` keeps it. Raises `Failure(USAGE)`."""
        ...


class ToolService(Protocol):
    """The tools, and the rules that allow them."""

    async def rows(self) -> tuple[ToolRow, ...]:
        """Every tool there is, also what is denied, by name. Opens the sources that are not open yet."""
        ...

    async def check_rules(self) -> Sequence[str]:
        """A sentence for each rule of the settings that names no tool. Opens the sources if a rule needs it."""
        ...

    def rule(self, pattern: str, rule: Rule) -> None:
        """Another rule for a tool or a pattern from the next call on; `ChoiceService` keeps it. Raises `NotFound`."""
        ...

    def reset(self, pattern: str = "") -> tuple[str, ...]:
        """Drop the person's own rule for this pattern, or all of them; returns the patterns. Raises `NotFound`."""
        ...


class MachineService(Protocol):
    """This machine and this installation."""

    @property
    def last_look(self) -> Discovery | None:
        """What was found when anybody looked around last; None before that."""
        ...

    async def look_around(self) -> Discovery:
        """Look for servers of models on this machine; where nothing was named, choose one and keep the choice.

        Asks loopback addresses only. Conversations of this workspace use the choice from their next turn on.
        """
        ...

    async def checks(self, *, live: bool = False) -> tuple[Check, ...]:
        """What is well and what is not; `live` asks each configured provider for its models."""
        ...

    def warm(self) -> Task[None]:
        """Import and open, in the background, what the next request will need."""
        ...


class Workspace(Protocol):
    """Everything beside the open conversation."""

    @property
    def timelines(self) -> TimelineService: ...

    @property
    def models(self) -> ModelService: ...

    @property
    def usage(self) -> UsageService: ...

    @property
    def tools(self) -> ToolService: ...

    @property
    def machine(self) -> MachineService: ...

    @property
    def choices(self) -> ChoiceService: ...

    @property
    def keys(self) -> KeyService: ...

    def clean(self, text: str) -> str:
        """The text without the keys and passwords of this run, and without what acts on a terminal: it may leave."""
        ...
