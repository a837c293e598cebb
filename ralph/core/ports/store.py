"""The store as faces, commands and the wiring use it; what keeps it (SQLite) is named in one place of `assembly`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.speed import Guesses, ModelSpeed
from ralph.core.llm.tool import SearchHit
from ralph.core.log.envelope import Envelope
from ralph.core.log.events import RolesChanged
from ralph.core.ports.answer_cache import AnswerCache
from ralph.core.ports.budget import BudgetCaps, BudgetLedger
from ralph.core.ports.usage_report import BudgetRow, GroupBy, UsageReport
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.core.timeline.timeline import Timeline


@frozen
class Tail(Data):
    """The end of a timeline, and what holds for all of it although it was recorded earlier."""

    envelopes: Sequence[Envelope]
    """The events of the last turns, and the title, the pins and the system prompt that hold."""
    before: tuple[tuple[str, int], ...]
    """Of which timelines the turns below which `seq` were left out, oldest first; empty where nothing was."""
    changes: tuple[RolesChanged, ...] = ()
    """All changes of models, those that were left out too."""


@frozen
class Rebuilt(Data):
    """What `doctor --rebuild` did."""

    timelines: int
    """How many timelines were remade from their events."""
    made: tuple[str, ...] = ()
    """Tables, indexes and triggers that were gone."""
    harmed: tuple[str, ...] = ()
    """What the log has lost, a sentence each."""


class EventLog(Protocol):
    """The events of all timelines: added to, and read in order. Raises `StoreFailure`."""

    async def append(
        self, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes] | None = None, *, run: str = ""
    ) -> None:
        """Add these events and blobs in one transaction; `seq` must be the next of its timeline.

        With a `run` only the ledger is written, under this id.
        """
        ...

    async def events(self, timeline: str, *, deltas: bool = True) -> Sequence[Envelope]:
        """Every event, those that a fork inherited first. Raises `NotFound`."""
        ...

    async def tail(self, timeline: str, turns: int) -> Tail:
        """The last turns of a timeline. Raises `NotFound`."""
        ...

    async def earlier(self, tail: Tail) -> Timeline:
        """The turns that a tail left out, folded."""
        ...

    async def harm(self, timeline: str) -> Sequence[str]:
        """Rows of this timeline that cannot be read, a sentence each."""
        ...

    async def blob(self, sha256: str) -> bytes:
        """The bytes that were stored under this hash. Raises `NotFound`."""
        ...


class TimelineCatalog(Protocol):
    """Lists of the saved timelines, and their ids. Raises `StoreFailure`."""

    async def timelines(self, search: str = "", limit: int = 1000) -> tuple[TimelineRow, ...]:
        """The latest first; with `search` those that hold it."""
        ...

    async def count(self, search: str = "") -> int:
        """How many timelines are saved; with `search`, how many hold it."""
        ...

    async def resolve(self, name: str) -> str:
        """The whole id for an id, a unique prefix or `last`. Raises `NotFound`."""
        ...

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]: ...

    async def preview(self, timeline: str, last: int) -> tuple[Glimpse, ...]: ...

    async def forks_of(self, timeline: str) -> Sequence[str]:
        """The timelines that were forked from this one."""
        ...

    async def recent(self, limit: int = 9) -> tuple[str, ...]:
        """The model refs that answered or called tools, the latest first."""
        ...

    async def models(self) -> tuple[ModelRef, ...]:
        """Every model that was asked on this machine."""
        ...

    async def last_price(self, provider: str, model: str) -> PriceRow | None:
        """The price that was last used for this model."""
        ...

    async def list_unfinished(self) -> Sequence[str]:
        """Timelines whose log has a start without its finish."""
        ...


class Budgets(BudgetLedger, Protocol):
    """The ledger's reservations, and how far each budget has gone."""

    async def read_budgets(
        self, timeline: str, turn: int, at: str, caps: BudgetCaps, run: str = ""
    ) -> tuple[BudgetRow, ...]:
        """A row for each cap; `at` is the stamp whose day and month count."""
        ...


class UsageLedger(Protocol):
    """Sums over the ledger."""

    async def report(self, by: GroupBy) -> UsageReport: ...

    async def version(self) -> int:
        """Another number after another process wrote to the database; what this process writes does not change it."""
        ...


class SpeedLedger(Protocol):
    """What was measured of each model here."""

    async def pace(self, provider: str, model: str) -> ModelSpeed: ...

    async def models(self, provider: str) -> Collection[str]:
        """The models of this provider that have measurements."""
        ...

    async def guesses(self) -> Guesses:
        """What became of the last answers that were begun before the route had decided."""
        ...


class PromptStore(Protocol):
    """The prompts that were sent, in all sessions. All methods may be called in a thread."""

    def read(self) -> list[str]:
        """The prompts, oldest first, each once."""
        ...

    def append(self, prompt: str, at: str, timeline: str) -> None:
        """Raises `OSError`."""
        ...


class TimelineLock(Protocol):
    """The right to write a timeline."""

    def release(self) -> None: ...


class TimelineStore(Protocol):
    """One open store: the timelines with their blobs, the ledger, the answers that are kept."""

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
    def speeds(self) -> SpeedLedger: ...

    @property
    def answers(self) -> AnswerCache: ...

    @property
    def prompts(self) -> PromptStore: ...

    @property
    def read_only(self) -> str:
        """Why nothing can be written; empty where it can."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of how the store was opened, a sentence each."""
        ...

    @property
    def unreached(self) -> tuple[str, ...]:
        """Where text of what was deleted last may still lie, a sentence each."""
        ...

    def lock(self, timeline: str) -> TimelineLock:
        """The right to write this timeline. Raises `Failure(BUSY)` while another process has it."""
        ...

    def is_held(self, timeline: str) -> bool:
        """A process writes this timeline."""
        ...

    async def remove(self, timeline: str, *, with_forks: bool = False) -> Sequence[str]:
        """Remove a whole timeline; its rows of the ledger stay. Raises `Failure` where forks hang on it."""
        ...

    async def rebuild(self, progress: Callable[[str], None] = ...) -> Rebuilt:
        """Remake what is made from events."""
        ...

    async def damage(self) -> str:
        """What the database's own check finds wrong; empty if nothing."""
        ...

    async def missing(self) -> Sequence[str]:
        """Tables, indexes and triggers that are gone."""
        ...

    async def harm(self) -> Sequence[str]:
        """Rows of the log that cannot be read, and numbers that are missing in it."""
        ...

    async def backup(self, target: Path) -> None:
        """A whole copy, mode 0600, also while others write."""
        ...

    async def vacuum(self) -> None:
        """Give back the room of what was deleted."""
        ...
