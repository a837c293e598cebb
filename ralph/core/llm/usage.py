"""Tokens by class and exact money, with where each figure came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ralph.core.data import Data, frozen

Source = Literal["reported", "counted", "estimated", "none"]
CostStatus = Literal["reported", "computed", "estimated", "free", "unknown"]

# Worst first: a sum is only as good as its worst part.
SOURCES: tuple[Source, ...] = ("estimated", "counted", "reported", "none")
COST_STATUSES: tuple[CostStatus, ...] = ("unknown", "estimated", "reported", "computed", "free")

NANO = 1_000_000_000


@frozen
class Usage(Data):
    """Tokens of one attempt or of a sum, in OpenTelemetry's meaning.

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
    """Integer nano-dollars; `nano_usd` is None only when nothing is known of it."""

    nano_usd: int | None = 0
    status: CostStatus = "free"


UNKNOWN_COST = Cost(None, "unknown")


def total_usage(parts: Iterable[Usage]) -> Usage:
    """The sum of all parts, with the worst source among them."""
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
    """The sum of what is known, with the worst status: a known sum with status `unknown` prints as `≥ $x`."""
    items = list(parts)
    if not items:
        return Cost()
    known = [c.nano_usd for c in items if c.nano_usd is not None]
    status = min((c.status for c in items), key=COST_STATUSES.index)
    return Cost(sum(known) if known else None, status)


def dollars(cost: Cost) -> str:
    """A cost as a person reads it: `$0.0042`, `~$…` (estimated), `≥ $…` (a part is unknown), `unknown`, `free`.

    Where a part is unknown and the rest comes to nothing, nothing is known: `≥ $0` would say no more.
    """
    if cost.nano_usd is None or (cost.status == "unknown" and cost.nano_usd == 0):
        return "unknown"
    if cost.status == "free" and cost.nano_usd == 0:
        return "free"
    mark = {"unknown": "≥ ", "estimated": "~"}.get(cost.status, "")
    return mark + _amount(cost.nano_usd)


def format_charge(cost: Cost, usage: Usage) -> str:
    """The cost of requests: as above, but `$0` where none of them used anything. A refused request is not free."""
    if usage.source == "none" and cost == Cost():
        return _amount(0)
    return dollars(cost)


def _amount(nano: int) -> str:
    """Two significant digits below a dollar, never a rounded-away `$0.00`."""
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
    """What stands before a figure that no provider reported: `~` estimated, `≈` counted."""
    return {"estimated": "~", "counted": "≈"}.get(usage.source, "")
