"""The ledger and the budgets for a face."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind
from ralph.core.ports.budget import nano
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.usage_report import CAPS, BudgetRow, CapName, GroupBy, UsageReport
from ralph.gateway.budget import BudgetGuard


class LocalUsage:
    """Reads the store's ledger; `flush` waits for the records of open sessions."""

    def __init__(
        self, store: TimelineStore, guard: BudgetGuard, clock: Clock, flush: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._guard = guard
        self._clock = clock
        self._flush = flush

    async def report(self, by: GroupBy) -> UsageReport:
        await self._flush()
        return await self._store.usage.report(by)

    async def budgets(self, timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        await self._flush()
        return await self._store.budgets.read_budgets(timeline, turn, stamp(self._clock.now()), self._guard.caps)

    async def version(self) -> int:
        return await self._store.usage.version()

    def set_budget(self, name: CapName, usd: float | None) -> None:
        if name not in CAPS:
            raise Failure(Kind.USAGE, f"there is no budget '{name}'; there are {', '.join(CAPS)}")
        if usd is not None and not 0 <= usd < float("inf"):
            raise Failure(Kind.USAGE, f"a budget is an amount of US dollars from 0 on, not {usd}")
        self._guard.cap(name, nano(usd))
