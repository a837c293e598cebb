"""Tokens by class and exact money, with the source of each figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ralph.core.data import Data, frozen

Source = Literal["reported", "counted", "estimated", "none"]
CostStatus = Literal["reported", "computed", "estimated", "free", "unknown"]

# Worst first: a sum is only as reliable as its worst part.
SOURCES: tuple[Source, ...] = ("estimated", "counted", "reported", "none")
COST_STATUSES: tuple[CostStatus, ...] = ("unknown", "estimated", "reported", "computed", "free")

NANO = 1_000_000_000


@frozen
class Usage(Data):
    """Tokens of one attempt or of a sum, as OpenTelemetry defines them.

    `input` is the total **including** `cache_read` and `cache_write`; `output` includes `reasoning`.
    """

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    source: Source = "none"


@frozen
class Cost(Data):
    """Integer nano-dollars; `nano_usd` is None only if nothing is known."""

    nano_usd: int | None = 0
    status: CostStatus = "free"


UNKNOWN_COST = Cost(None, "unknown")


def total_usage(parts: Iterable[Usage]) -> Usage:
    """Return the sum of all parts, with the worst source among them."""
    items = list(parts)
    return Usage(
        input=sum(u.input for u in items),
        cache_read=sum(u.cache_read for u in items),
        cache_write=sum(u.cache_write for u in items),
        output=sum(u.output for u in items),
        reasoning=sum(u.reasoning for u in items),
        source=min((u.source for u in items), key=SOURCES.index, default="none"),
    )


def total_cost(parts: Iterable[Cost]) -> Cost:
    """Return the sum of the known parts, with the worst status: a known sum with status `unknown` prints as `≥ $x`."""
    items = list(parts)
    if not items:
        return Cost()
    known = [c.nano_usd for c in items if c.nano_usd is not None]
    status = min((c.status for c in items), key=COST_STATUSES.index)
    return Cost(sum(known) if known else None, status)


def dollars(cost: Cost) -> str:
    """Format a cost: `$0.0042`, `~$…` (estimated), `≥ $…` (a part is unknown), `unknown`, `free`.

    If a part is unknown and the others are zero, the result is `unknown`, because `≥ $0` would say no more.
    """
    if cost.nano_usd is None or (cost.status == "unknown" and cost.nano_usd == 0):
        return "unknown"
    if cost.status == "free" and cost.nano_usd == 0:
        return "free"
    mark = {"unknown": "≥ ", "estimated": "~"}.get(cost.status, "")
    return mark + _amount(cost.nano_usd)


def format_charge(cost: Cost, usage: Usage) -> str:
    """Format the cost of requests like `dollars`, but as `$0` if none used anything: a refused request is not free."""
    if usage.source == "none" and cost == Cost():
        return _amount(0)
    return dollars(cost)


def _amount(nano: int) -> str:
    """Format with two significant digits below a dollar, so that no amount becomes `$0.00`."""
    usd = nano / NANO
    if nano == 0:
        return "$0"
    if usd >= 1:
        return f"${usd:.2f}"
    digits = 2
    while digits < 9 and round(usd, digits) < 10 * 10**-digits:
        digits += 1
    return f"${usd:.{digits}f}"


def mark(usage: Usage) -> str:
    """Return the mark before a figure that no provider reported: `~` estimated, `≈` counted."""
    return {"estimated": "~", "counted": "≈"}.get(usage.source, "")
