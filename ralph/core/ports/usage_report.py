"""What was used and what it cost, in groups, and how far each budget has gone: what the ledger answers."""

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
    """One group of attempts. Times are milliseconds; rates are shares of 1; None where nothing was measured."""

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
    """All of the ledger in groups, and what stood between: the cache, the route, the speculation.

    `route_saved` is an estimate in nano-dollars, of turns that ended well alone: each skipped tool step at the mean
    cost of those that the same model ran at the same price, each turn that no model routed at the mean cost of the
    routed ones of its timeline, if one model at one price routed them; None where nothing can be compared. `wasted` is
    what discarded attempts cost, `waiting_saved_ms` how much sooner the used ones gave their first token than if they
    had begun after the route. `unpriced` are models whose price is not known.
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


def routing(account: UsageReport) -> str:
    """What routing cost and saved, in words; empty where no model was asked for it."""
    if account.route_cost == Cost() and account.route_saved is None:
        return ""
    saved = "" if account.route_saved is None else f", saved {dollars(Cost(account.route_saved, 'estimated'))}"
    return f"routing cost {dollars(account.route_cost)}{saved}"


def price_hint(account: UsageReport) -> str:
    """How to make an unknown cost known; empty where none is unknown."""
    if not account.unpriced:
        return ""
    first, *more = account.unpriced
    others = f" and {plural(len(more), 'other model')}" if more else ""
    return (
        f"no price is known for {first}{others}: for a server of your own write `free: true` under "
        f"`providers: {first.partition(':')[0]}:`, for another its price under `prices:`"
    )


def speculation(account: UsageReport) -> str:
    """What the guesses spared and what they cost for nothing, in words; empty where it was neither."""
    lost, told = account.wasted, []
    if account.waiting_saved_ms >= 0.5:
        told.append(f"saved {seconds(account.waiting_saved_ms)} of waiting")
    if lost.nano_usd != 0:
        told.append(f"wasted {'an unknown sum' if lost.nano_usd is None else dollars(lost)}")
    return f"speculation {' and '.join(told)}" if told else ""


@frozen
class BudgetRow(Data):
    """One budget: its cap in nano-dollars (None: no cap), and what counts against it, spent or held.

    `used` is what counts against the cap, spent or held: a running attempt that holds something makes it an estimate,
    one whose price is not known makes it `unknown`. `spent` is the cost of the requests that are over, as in every
    other sum, None where none of them has used anything; `held` is nano-dollars of the running ones.
    """

    name: CapName
    cap: int | None
    used: Cost
    spent: Cost | None = None
    held: int = 0

    @property
    def share(self) -> float | None:
        """Used of the cap, as a share of 1; None without a cap."""
        if self.cap is None:
            return None
        return (self.used.nano_usd or 0) / self.cap if self.cap else 1.0
