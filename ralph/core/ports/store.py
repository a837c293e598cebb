"""The store for faces, commands and the wiring; `assembly` names its implementation (SQLite) in one place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.speed import Guesses, ModelSpeed
from ralph.core.llm.tool import SearchHit
from ralph.core.log.envelope import Envelope
from ralph.core.log.events import RolesChanged
from ralph.core.ports.answer_cache import AnswerCache
from ralph.core.ports.budget import BudgetCaps, BudgetLedger
from ralph.core.ports.mcp import McpMemory
from ralph.core.ports.prices import PriceMemory
from ralph.core.ports.usage_report import BudgetRow, GroupBy, UsageReport
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.core.timeline.timeline import Timeline


@frozen
class Tail(Data):
    """The last turns of a timeline, and the facts recorded earlier that still apply."""

    envelopes: Sequence[Envelope]
    """The events of the last turns, and the current title, pins and system prompt."""
    before: tuple[tuple[str, int], ...]
    """The timelines whose turns below `seq` were left out, oldest first; empty if none were."""
    changes: tuple[RolesChanged, ...] = ()
    """All changes of models, including those in turns that were left out."""


@frozen
class Rebuilt(Data):
    """The result of `doctor --rebuild`."""

    timelines: int
    """How many timelines were rebuilt from their events."""
    made: tuple[str, ...] = ()
    """The tables, views, indexes and triggers that were missing, and the sums that were wrong."""
    harmed: tuple[str, ...] = ()
    """The losses of the log, a sentence each."""


class EventLog(Protocol):
    """The events of all timelines, appended and read in order. Raises `StoreFailure`."""

    async def append(
        self, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes] | None = None, *, run: str = ""
    ) -> None:
        """Append these events and blobs in one transaction; `seq` must be the next of its timeline.

        With a `run` only the ledger is written, under this id.
        """
        ...

    async def events(self, timeline: str, *, deltas: bool = True) -> Sequence[Envelope]:
        """Return every event, inherited events of a fork first. Raises `NotFound`."""
        ...

    async def tail(self, timeline: str, turns: int) -> Tail:
        """Return the last turns of a timeline. Raises `NotFound`."""
        ...

    async def earlier(self, tail: Tail) -> Timeline:
        """Return the turns before a tail, folded."""
        ...

    async def harm(self, timeline: str) -> Sequence[str]:
        """Return the unreadable rows of this timeline, a sentence each."""
        ...

    async def blob(self, sha256: str) -> bytes:
        """Return the bytes with this hash. Raises `NotFound`."""
        ...


class TimelineCatalog(Protocol):
    """Lists of the saved timelines, and their ids. Raises `StoreFailure`."""

    async def timelines(self, search: str = "", limit: int = 1000) -> tuple[TimelineRow, ...]:
        """Return timelines, latest first; with `search` those that contain it."""
        ...

    async def count(self, search: str = "") -> int:
        """Return how many timelines are saved; with `search`, how many contain it."""
        ...

    async def resolve(self, name: str) -> str:
        """Return the whole id for an id, a unique prefix or `last`. Raises `NotFound`."""
        ...

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]: ...

    async def preview(self, timeline: str, last: int) -> tuple[Glimpse, ...]: ...

    async def forks_of(self, timeline: str) -> Sequence[str]:
        """Return the forks of this timeline."""
        ...

    async def recent(self, limit: int = 9) -> tuple[str, ...]:
        """Return the model refs that answered or called tools, the latest first."""
        ...

    async def models(self) -> tuple[ModelRef, ...]:
        """Return every model that was asked on this machine."""
        ...

    async def list_unfinished(self) -> Sequence[str]:
        """Return timelines whose log has a start without its finish."""
        ...


class Budgets(BudgetLedger, Protocol):
    """The ledger's reservations, and the use of each budget."""

    async def read_budgets(
        self, timeline: str, turn: int, at: str, caps: BudgetCaps, run: str = ""
    ) -> tuple[BudgetRow, ...]:
        """Return a row for each cap; the day and month of the stamp `at` count."""
        ...


class UsageLedger(Protocol):
    """Sums over the ledger."""

    async def report(self, by: GroupBy, limit: int = 0) -> UsageReport:
        """Return the whole ledger, grouped; with a `limit`, only that many of the latest groups."""
        ...

    async def version(self) -> int:
        """Return a number that changes when another process writes to the database, but not when this one does."""
        ...


class SpeedLedger(Protocol):
    """The measured speed of each model here."""

    async def pace(self, provider: str, model: str) -> ModelSpeed: ...

    async def models(self, provider: str) -> Collection[str]:
        """Return the models of this provider that have measurements."""
        ...

    async def guesses(self) -> Guesses:
        """Return the outcomes of the last answers that began before the route decided."""
        ...


class PromptStore(Protocol):
    """The sent prompts of all sessions. All methods may be called in a thread."""

    def read(self) -> list[str]:
        """Return the prompts, oldest first, each once."""
        ...

    def append(self, prompt: str, at: str, timeline: str) -> None:
        """Append a prompt. Raises `OSError`."""
        ...


class TimelineLock(Protocol):
    """The right to write a timeline."""

    def release(self) -> None: ...


class TimelineStore(Protocol):
    """One open store: the timelines with their blobs, the ledger, and the cached answers."""

    @property
    def path(self) -> Path: ...

    @property
    def log(self) -> EventLog: ...

    @property
    def catalog(self) -> TimelineCatalog: ...

    @property
    def budgets(self) -> Budgets: ...

    @property
    def usage(self) -> UsageLedger: ...

    @property
    def prices(self) -> PriceMemory: ...

    @property
    def speeds(self) -> SpeedLedger: ...

    @property
    def answers(self) -> AnswerCache: ...

    @property
    def mcp(self) -> McpMemory: ...

    @property
    def prompts(self) -> PromptStore: ...

    @property
    def read_only(self) -> str:
        """Return why nothing can be written; empty if writing works."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """Return notices for the person about the opening of the store, a sentence each."""
        ...

    @property
    def unreached(self) -> tuple[str, ...]:
        """Return where text of the last deletion may remain, a sentence each."""
        ...

    def lock(self, timeline: str) -> TimelineLock:
        """Return the right to write this timeline. Raises `Failure(BUSY)` while another process has it."""
        ...

    def is_held(self, timeline: str) -> bool:
        """Return whether a process writes this timeline."""
        ...

    async def remove(self, timeline: str, *, with_forks: bool = False) -> Sequence[str]:
        """Remove a whole timeline; its ledger rows stay. Raises `Failure` if forks depend on it."""
        ...

    async def rebuild(self, progress: Callable[[str], None] = ...) -> Rebuilt:
        """Rebuild what is derived from events."""
        ...

    async def damage(self) -> str:
        """Return the findings of the database's own check; empty if there are none."""
        ...

    async def missing(self) -> Sequence[str]:
        """Return missing tables, indexes and triggers."""
        ...

    async def harm(self) -> Sequence[str]:
        """Return unreadable rows of the log and missing numbers in it."""
        ...

    async def backup(self, target: Path) -> None:
        """Write a complete copy with mode 0600, also while others write."""
        ...

    async def vacuum(self) -> None:
        """Free the disk space of deleted data."""
        ...
