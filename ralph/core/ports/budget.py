"""Budgets for the gateway: caps, and a ledger that reserves before anything is spent."""

from __future__ import annotations

from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import NANO
from ralph.core.ports.usage_report import CapName


@frozen
class BudgetCaps(Data):
    """Caps in nano-dollars; None is no cap. `alert_at` is the share of a cap at which the person is told."""

    turn: int | None = None
    timeline: int | None = None
    day: int | None = None
    month: int | None = None
    alert_at: float = 0.8

    @property
    def any(self) -> bool:
        return any(c is not None for c in (self.turn, self.timeline, self.day, self.month))


def nano(usd: float | None) -> int | None:
    """Return dollars as nano-dollars, exactly by their written decimal."""
    from decimal import Decimal

    return None if usd is None else int(Decimal(str(usd)) * NANO)


@frozen
class ReservationRequest(Data):
    """An attempt that wants to spend. `run` is empty if its turn is saved; else its ledger rows have this id."""

    timeline: str
    turn: int
    attempt: str
    block: str
    role: str
    ref: ModelRef
    at: str
    run: str = ""


@frozen
class NearCap(Data):
    """A cap that is nearly used up, in nano-dollars; `used` includes spent and reserved amounts."""

    name: CapName
    used: int
    cap: int


class CapReached(Failure):
    """A cap has no room for the requested amount. `name` is the cap, `nano_usd` its amount."""

    def __init__(self, message: str, name: CapName, nano_usd: int) -> None:
        super().__init__(Kind.BUDGET, message)
        self.name = name
        self.nano_usd = nano_usd


class BudgetLedger(Protocol):
    """A ledger of reservations, shared by all processes."""

    async def reserve(self, claim: ReservationRequest, amount: int, caps: BudgetCaps) -> tuple[NearCap, ...]:
        """Reserve this much more for the attempt, or raise `CapReached`. Return the caps that are nearly used up."""
        ...
