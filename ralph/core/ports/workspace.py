"""The services of a face or a command beside the open conversation: eight protocols."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ralph.core.llm.provider import ModelInfo, PullsModels
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.routing import Routing
from ralph.core.llm.tool_output import Rung
from ralph.core.log.envelope import Envelope
from ralph.core.ports.choices import ChoiceService
from ralph.core.ports.context import ContextReport
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.discovery import Discovery
from ralph.core.ports.grants import GrantRow
from ralph.core.ports.keys import KeyService
from ralph.core.ports.mcp import McpService
from ralph.core.ports.rows import Check, ModelRow, ProviderRow, Rule, Switch, ToolRow
from ralph.core.ports.usage_report import BudgetRow, CapName, GroupBy, UsageReport
from ralph.core.timeline.rows import Glimpse, TimelineRow


class TimelineService(Protocol):
    """The saved timelines."""

    async def open(
        self, timeline: str | None = None, *, turns: int | None = None, read_only: bool = False
    ) -> Conversation:
        """Open a new timeline (None), or a saved one by id, unique prefix or `last`. Raises `NotFound`,
        `OpenElsewhere`.

        `turns`: how many of the last turns are read at once; None for as many as the next turn sends. `read_only`: the
        timeline is shown as it is now, even if another process writes it; any change raises `Failure(BUSY)`.
        """
        ...

    async def resolve(self, timeline: str) -> str:
        """Return the whole id of a saved timeline, by id, unique prefix or `last`. Raises `NotFound`."""
        ...

    async def fork(self, timeline: str, turn: int | None = None, title: str = "") -> str:
        """Return the id of a new timeline that shares turns 1 to `turn` (None: all) of this one. Raises `NotFound`."""
        ...

    async def rows(self, search: str = "") -> tuple[TimelineRow, ...]:
        """Return saved timelines, latest first; with `search`, those whose contents match."""
        ...

    async def read_events(self, timeline: str) -> Sequence[Envelope]:
        """Return every event of a saved timeline (id, unique prefix, `last`) with all its deltas, inherited events
        first. Takes no lock and writes nothing. Raises `NotFound`."""
        ...

    async def read_blob(self, sha256: str) -> bytes:
        """Return kept bytes by their hash: a large output, an attachment, a file before or after a change. Raises
        `NotFound`."""
        ...

    async def preview(self, timeline: str, last: int = 6) -> tuple[Glimpse, ...]:
        """Return the last turns of a saved timeline, oldest first, without opening or locking it. Raises `NotFound`."""
        ...

    async def forks(self, timeline: str) -> tuple[str, ...]:
        """Return the forks of this timeline."""
        ...

    async def rename(self, timeline: str, title: str) -> None:
        """Give a saved timeline another title. Raises `Failure(BUSY)` if another process writes it."""
        ...

    async def delete(self, timeline: str, *, with_forks: bool = False) -> tuple[str, ...]:
        """Remove a whole timeline; its costs stay in the ledger. Return the removed timelines, forks first. Raises
        `Failure` if forks depend on it."""
        ...

    @property
    def unreached(self) -> tuple[str, ...]:
        """Return where text of the last deletion may remain, a sentence each."""
        ...


class ModelService(Protocol):
    """The providers and their models."""

    def ref(self, text: str) -> str:
        """Return the ref for a text: aliases and a provider's name are resolved. Raises `Failure` if there is none."""
        ...

    async def find_ref(self, text: str) -> str:
        """Return the ref as `ref` does. For a name that is not known yet, ask the connected providers for their lists.
        Raises `Failure` if there is none."""
        ...

    async def learn_names(self) -> None:
        """If the routing has a name that is not known yet, ask the connected providers for their lists."""
        ...

    async def keep(self, ref: str, roles: Sequence[str]) -> str | None:
        """If a person sits at the face, use this model for these roles in new conversations and later starts. Return
        why that does not last, as `ChoiceService.keep`; None at other faces, where only the conversation changes."""
        ...

    async def reset(self, roles: Sequence[str]) -> str:
        """Forget the person's models for these roles. Return why that does not last."""
        ...

    def routing(self) -> Routing:
        """Return the routing of a new conversation."""
        ...

    async def check(self, conversation: Conversation, ref: str) -> Switch:
        """Return the effects on this conversation if it used this model. May ask the model's provider for its models.

        Raises `Failure` for an invalid ref; facts that cannot be found are reported as unknown.
        """
        ...

    def providers(self) -> tuple[ProviderRow, ...]:
        """Return every provider that can be named, in the order in which `auto` tries them."""
        ...

    async def list_models(self, provider: str) -> tuple[ModelInfo, ...]:
        """Return the models that the provider lists. Raises `Failure`."""
        ...

    async def find_puller(self, ref: str) -> tuple[PullsModels, ModelRef]:
        """Return the provider that downloads and removes this model, and the model. Raises `Failure` if it cannot."""
        ...

    async def list_rows(self, provider: str) -> tuple[ModelRow, ...]:
        """Return the models that the provider lists, with prices, windows and measured speeds. Raises `Failure`."""
        ...

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """Return the configured aliases, each with its refs."""
        ...

    async def recent(self) -> tuple[str, ...]:
        """Return the model refs that answered or called tools in any timeline, the latest first."""
        ...

    async def context(self, conversation: Conversation) -> ContextReport:
        """Return an estimate of the next request. May ask the provider for its models."""
        ...

    async def estimate_fill(self, conversation: Conversation) -> float | None:
        """Return the share of the format model's window that the conversation fills, estimated; None if unknown.

        May ask the provider for its models, once.
        """
        ...


class UsageService(Protocol):
    """The ledger and the budgets."""

    async def report(self, by: GroupBy) -> UsageReport:
        """Return the whole ledger, grouped."""
        ...

    async def budgets(self, timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        """Return every budget and its use; those of turn and timeline for this turn of this timeline."""
        ...

    async def version(self) -> int:
        """Return a number that changes when another process writes to the ledger's database; a cheap query."""
        ...

    def set_budget(self, name: CapName, usd: float | None) -> None:
        """Set another cap (None: none) from the next request on; `ChoiceService` keeps it. Raises `Failure(USAGE)`."""
        ...


class ToolService(Protocol):
    """The tools, and the rules that allow them."""

    async def rows(self) -> tuple[ToolRow, ...]:
        """Return every tool by name, including denied ones. Opens the sources that are not open yet."""
        ...

    async def check_rules(self) -> Sequence[str]:
        """Return a sentence for each rule of the settings that names no tool. Opens the sources if a rule needs it."""
        ...

    def rule(self, pattern: str, rule: Rule) -> None:
        """Set the rule for a tool or a pattern from the next call on; `ChoiceService` keeps it. Raises `NotFound`."""
        ...

    def reset(self, pattern: str = "") -> tuple[str, ...]:
        """Drop the person's own rule for this pattern, or all of them; return the patterns. Raises `NotFound`."""
        ...

    dry: bool
    """Whether only calls run that change nothing or read; every other is denied, and its preview is kept."""

    def grants(self) -> tuple[GrantRow, ...]:
        """Return the answers of a person that cover later calls, of every timeline."""
        ...

    def revoke(self, rule: str) -> tuple[GrantRow, ...]:
        """Remove every grant of this rule, and return them. Raises `NotFound`, and `Failure`."""
        ...

    @property
    def sandbox(self) -> Rung:
        """Return the sandbox that would hold a program on this machine."""
        ...


class MachineService(Protocol):
    """This machine and this installation."""

    @property
    def last_look(self) -> Discovery | None:
        """Return the result of the last discovery; None before the first."""
        ...

    async def look_around(self) -> Discovery:
        """Probe for model servers on this machine; if no model was named, choose one and keep the choice.

        Asks loopback addresses only. Conversations of this workspace use the choice from their next turn on.
        """
        ...

    async def checks(self, *, live: bool = False) -> tuple[Check, ...]:
        """Return the results of all checks; `live` asks each configured provider for its models."""
        ...

    def warm(self) -> Task[None]:
        """Import and open, in the background, what the next request will need."""
        ...


class Workspace(Protocol):
    """All services beside the open conversation."""

    @property
    def root(self) -> Path:
        """Return the working directory."""
        ...

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
    def mcp(self) -> McpService: ...

    @property
    def choices(self) -> ChoiceService: ...

    @property
    def keys(self) -> KeyService: ...

    def clean(self, text: str) -> str:
        """Return the text without this run's secrets and without terminal control sequences, so that it may leave."""
        ...
