"""Reports of the ledger: usage and cost in groups, and the use of each budget."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.llm.usage import Cost, Usage, dollars

GroupBy = Literal["day", "month", "model", "provider", "timeline", "step"]
BYS: tuple[GroupBy, ...] = ("day", "month", "model", "provider", "timeline", "step")

CapName = Literal["turn", "timeline", "day", "month"]
CAPS: tuple[CapName, ...] = ("turn", "timeline", "day", "month")


@frozen
class UsageRow(Data):
    """One group of attempts. Times are milliseconds; rates are shares of 1; None if nothing was measured."""

    name: str
    attempts: int
    usage: Usage
    cost: Cost
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    duration_p50_ms: float | None
    duration_p95_ms: float | None
    tokens_per_second: float | None
    error_rate: float
    retry_rate: float


@frozen
class UsageReport(Data):
    """The whole ledger in groups, and the effects of the cache, the route and speculation.

    `route_saved` is an estimate in nano-dollars over turns that ended well: each skipped tool step counts at the mean
    cost of those that the same model ran at the same price, each turn without a routing model at the mean cost of the
    routed ones of its timeline, if one model at one price routed them; None if nothing can be compared. `wasted` is the
    cost of discarded attempts; `waiting_saved_ms` is how much sooner the used ones gave their first token than if they
    had begun after the route. `unpriced` are models without a known price. `left_out` is how many groups a limit left
    out; the total and every other figure count them.
    """

    by: GroupBy
    rows: tuple[UsageRow, ...]
    total: UsageRow
    cache_hits: int
    cache_saved: int
    route_cost: Cost
    route_saved: int | None
    wasted: Cost
    waiting_saved_ms: float = 0.0
    unpriced: tuple[str, ...] = ()
    left_out: int = 0


def routing(account: UsageReport) -> str:
    """Return the cost and the saving of routing, in words; empty if no model was asked for it."""
    if account.route_cost == Cost() and account.route_saved is None:
        return ""
    saved = "" if account.route_saved is None else f", saved {dollars(Cost(account.route_saved, 'estimated'))}"
    return f"routing cost {dollars(account.route_cost)}{saved}"


def price_hint(account: UsageReport) -> str:
    """Return how to make an unknown cost known; empty if none is unknown."""
    if not account.unpriced:
        return ""
    first, *more = account.unpriced
    others = f" and {plural(len(more), 'other model')}" if more else ""
    return (
        f"no price is known for {first}{others}: for a server of your own write `free: true` under "
        f"`providers: {first.partition(':')[0]}:`, for another its price under `prices:`"
    )


def speculation(account: UsageReport) -> str:
    """Return the saving and the waste of guesses, in words; empty if there is neither."""
    lost, told = account.wasted, []
    if account.waiting_saved_ms >= 0.5:
        told.append(f"saved {seconds(account.waiting_saved_ms)} of waiting")
    if lost.nano_usd != 0:
        told.append(f"wasted {'an unknown sum' if lost.nano_usd is None else dollars(lost)}")
    return f"speculation {' and '.join(told)}" if told else ""


@frozen
class BudgetRow(Data):
    """One budget: its cap in nano-dollars (None: no cap), and the amounts that count against it.

    `used` is what counts against the cap, spent or reserved: a running attempt with a reservation makes it an estimate,
    one with an unknown price makes it `unknown`. `spent` is the cost of finished requests, as in every other sum, None
    if none of them used anything; `held` is the nano-dollars reserved by running ones.
    """

    name: CapName
    cap: int | None
    used: Cost
    spent: Cost | None = None
    held: int = 0

    @property
    def share(self) -> float | None:
        """Return the used share of the cap, as a share of 1; None without a cap."""
        if self.cap is None:
            return None
        return (self.used.nano_usd or 0) / self.cap if self.cap else 1.0
