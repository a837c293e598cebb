"""Budgets that hold inside the stream: reserve before the request, top up during the answer, cut at the cap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ralph import counting, pricing
from ralph.core.clock import stamp
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.usage import Cost, Usage, dollars
from ralph.core.log import events as ev
from ralph.core.log.recording import Recorder
from ralph.core.ports.budget import BudgetCaps, BudgetLedger, CapReached, ReservationRequest
from ralph.core.ports.usage_report import CapName

if TYPE_CHECKING:
    from ralph.gateway.attempt import OpenAttempt

# Output tokens per reservation: many enough to reserve rarely, few enough to stop close to the cap.
SLICE = 256


class BudgetGuard:
    """The caps of a run, and the ledger that enforces them. Without a cap nothing is reserved."""

    def __init__(self, caps: BudgetCaps | None = None, ledger: BudgetLedger | None = None) -> None:
        self.caps = caps or BudgetCaps()
        self._ledger = ledger
        self._told: set[CapName] = set()

    def cap(self, name: CapName, nano_usd: int | None) -> None:
        """Change a cap from the next slice on; the warning that it is nearly used up may then appear again."""
        changed: dict[str, int | None] = {name: nano_usd}
        self.caps = replace(self.caps, **changed)  # type: ignore[arg-type] # a cap's name, never `alert_at`
        self._told.discard(name)

    async def hold(
        self, attempt: OpenAttempt, recorder: Recorder, price: Callable[[], Awaitable[PriceRow | None]], now: datetime
    ) -> Reservation | None:
        """Return the attempt's reservation, or None without a cap. `now` decides the day that it counts for.

        Raises `NotSent` if the attempt may not begin.
        """
        if not self.caps.any or self._ledger is None:
            return None
        row = await price()
        try:
            if row is None:
                ref = attempt.ref
                raise NotSent(
                    Kind.BUDGET,
                    f"{ref} has no known price, so a budget cannot limit it; "
                    f'write  prices: {{"{ref}": {{input: 1, output: 4}}}}  in the config (USD per million tokens)',
                )
            if row.free:
                return None
            hold = Reservation(self, attempt, recorder, row, now)
            await hold.begin()
        except Failure as failure:
            if not isinstance(failure, CapReached):  # `take` has already reported it
                recorder.emit(ev.Note(Kind.BUDGET.value, failure.message, attempt.scope.block))
            raise NotSent(failure.kind, failure.message) from failure
        return hold

    async def take(self, claim: ReservationRequest, amount: int, recorder: Recorder) -> None:
        """Reserve this amount too; report once per cap that it is nearly used up. Raises `CapReached`, after a note
        that names the cap."""
        if self._ledger is None:
            return
        try:
            nearly = await self._ledger.reserve(claim, amount, self.caps)
        except CapReached as reached:
            data = {"cap": reached.name, "nano_usd": reached.nano_usd}
            recorder.emit(ev.Note(Kind.BUDGET.value, reached.message, claim.block, data))
            raise
        for near in nearly:
            if near.name not in self._told:
                self._told.add(near.name)
                used, cap = (dollars(Cost(nano, "computed")) for nano in (near.used, near.cap))
                sentence = f"{near.name} budget: {used} of {cap} is spent or held"
                recorder.emit(ev.Note("budget", sentence, claim.block, {"cap": near.name}))


class Reservation:
    """The reservation of one attempt: its input, and its output slice by slice."""

    def __init__(
        self, budget: BudgetGuard, attempt: OpenAttempt, recorder: Recorder, row: PriceRow, now: datetime
    ) -> None:
        self.held = 0
        self._budget = budget
        self._recorder = recorder
        self._row = row
        self._usage = Usage(input=attempt.input_tokens, output=0, source="estimated")
        self._streamed = 0.0
        self._claim = ReservationRequest(
            recorder.timeline,
            recorder.turn,
            attempt.id,
            attempt.scope.block,
            attempt.request.role,
            attempt.ref,
            stamp(now),
            recorder.run,
        )

    def price(self) -> PriceRow | None:
        return self._row

    async def begin(self) -> None:
        await self._top_up()

    async def spend(self, text: str) -> None:
        """Count the text; reserve the next slice before it is needed. Raises `Failure(BUDGET)` at the cap."""
        self._streamed += counting.weight(text)
        while self._streamed > self._usage.output:
            await self._top_up()

    async def _top_up(self) -> None:
        """Reserve the next slice, at the higher price tier if the slice crosses into one."""
        more = replace(self._usage, output=self._usage.output + SLICE)
        cost = pricing.cost(self._row, more).nano_usd or 0
        await self._budget.take(self._claim, cost - self.held, self._recorder)
        self._usage, self.held = more, cost
