"""Budgets as the gateway needs them: caps, and a ledger that reserves before anything is spent."""

from __future__ import annotations

from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import NANO
from ralph.core.ports.usage_report import CapName


@frozen
class BudgetCaps(Data):
    """Nano-dollars; None is no cap. `alert_at` is the share of a cap at which the person is told."""

    turn: int | None = None
    timeline: int | None = None
    day: int | None = None
    month: int | None = None
    alert_at: float = 0.8

    @property
    def any(self) -> bool:
        return any(c is not None for c in (self.turn, self.timeline, self.day, self.month))


def nano(usd: float | None) -> int | None:
    """Dollars as a person writes them, exactly as the decimal that was written."""
    from decimal import Decimal

    return None if usd is None else int(Decimal(str(usd)) * NANO)


@frozen
class ReservationRequest(Data):
    """An attempt that wants to spend. `run` is empty where its turn is saved; else its rows stand under this id."""

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
    """A cap that is nearly used up, in nano-dollars; `used` counts what is spent and what is held."""

    name: CapName
    used: int
    cap: int


class CapReached(Failure):
    """A cap has no room for what is asked for. `name` is the cap, `nano_usd` how much it is."""

    def __init__(self, message: str, name: CapName, nano_usd: int) -> None:
        super().__init__(Kind.BUDGET, message)
        self.name = name
        self.nano_usd = nano_usd


class BudgetLedger(Protocol):
    """Reservations kept across processes."""

    async def reserve(self, claim: ReservationRequest, amount: int, caps: BudgetCaps) -> tuple[NearCap, ...]:
        """Hold this much more for the attempt, or raise `CapReached`. Returns the caps that are nearly used up."""
        ...
