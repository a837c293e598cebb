"""Reservations in the ledger: spent and reserved amounts are checked and updated in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ralph.core.llm.usage import Cost, CostStatus, dollars, total_cost
from ralph.core.ports.budget import BudgetCaps, CapReached, NearCap, ReservationRequest
from ralph.core.ports.usage_report import CAPS, BudgetRow, CapName
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.days import ledger_day

_SUM = "SELECT coalesce(sum(coalesce(reserved, nano_usd, 0)), 0) FROM attempts WHERE {}"
_USED = """
SELECT '{name}', outcome IS NULL AS running, coalesce(cost_status, 'unknown') AS status,
       sum(coalesce(reserved, nano_usd)), max(usage_source <> 'none')
FROM attempts WHERE (outcome IS NOT NULL OR reserved IS NOT NULL) AND {where} GROUP BY running, status"""
_HOLD = """
INSERT INTO attempts (timeline, run, attempt, block, turn, role, started_at, day, utc_offset, provider, model, saved,
                      reserved)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (timeline, run, attempt) DO UPDATE SET reserved = coalesce(reserved, 0) + excluded.reserved"""


class Reservations:
    """The reservations of all processes that share this database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def reserve(self, claim: ReservationRequest, amount: int, caps: BudgetCaps) -> tuple[NearCap, ...]:
        """Reserve `amount` more nano-dollars, or raise `CapReached` and reserve nothing."""
        near: list[NearCap] = []
        async with self._db.transaction() as connection:
            day = await ledger_day(connection.execute_fetchall, claim.at)
            for name, cap, where, values in _scopes(claim, caps, day.day):
                async with connection.execute(_SUM.format(where), values) as cursor:
                    row = await cursor.fetchone()
                used = int(row[0]) if row else 0
                if used + amount > cap:
                    raise CapReached(_sentence(name, used, amount, cap), name, cap)
                if used + amount >= cap * caps.alert_at:
                    near.append(NearCap(name, used + amount, cap))
            ref = claim.ref
            place = (claim.timeline, claim.run, claim.attempt, claim.block, claim.turn, claim.role, claim.at)
            when = (day.day, day.utc_offset)
            await connection.execute(_HOLD, (*place, *when, ref.provider, ref.model, int(not claim.run), amount))
        return tuple(near)

    async def read_budgets(
        self, timeline: str, turn: int, at: str, caps: BudgetCaps, run: str = ""
    ) -> tuple[BudgetRow, ...]:
        """Return how much of each budget is used now, for this turn of this timeline."""
        day = await ledger_day(self._rows, at)
        scopes = {name: _scope(name, timeline, turn, day.day, run) for name in CAPS}
        # One statement, so that all four values are of the same moment.
        sql = " UNION ALL ".join(_USED.format(name=name, where=where) for name, (where, _) in scopes.items())
        found = await self._db.query(sql, *(value for _, values in scopes.values() for value in values))
        return tuple(_row(name, getattr(caps, name), [row[1:] for row in found if row[0] == name]) for name in CAPS)

    async def _rows(self, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        return await self._db.query(sql, *values)


def _row(name: CapName, cap: int | None, rows: Sequence[tuple[int, CostStatus, int | None, int]]) -> BudgetRow:
    """Sum up rows of (running, status, nano-dollars, whether anything was used)."""
    over = [Cost(nano, status) for running, status, nano, _ in rows if not running]
    held = sum(nano or 0 for running, _, nano, _ in rows if running)
    holding = [Cost(held, "estimated")] if any(running for running, *_ in rows) else []
    spent = total_cost(over) if any(used for running, _, _, used in rows if not running) else None
    return BudgetRow(name, cap, total_cost([*over, *holding]), spent, held)


Scope = tuple[str, tuple[Any, ...]]


def _scopes(claim: ReservationRequest, caps: BudgetCaps, day: str) -> list[tuple[CapName, int, str, tuple[Any, ...]]]:
    """Return each cap that is set, with the rows that count against it."""
    every = [(name, getattr(caps, name), *_scope(name, claim.timeline, claim.turn, day, claim.run)) for name in CAPS]
    return [(name, cap, where, values) for name, cap, where, values in every if cap is not None]


def _scope(name: CapName, timeline: str, turn: int, day: str, run: str) -> Scope:
    """Return the rows that count against a cap of this name. Unsaved turns count in their timeline too."""
    scopes: dict[CapName, Scope] = {
        "turn": ("timeline = ? AND turn = ? AND run = ?", (timeline, turn, run)),
        "timeline": ("timeline = ?", (timeline,)),
        "day": ("day = ?", (day,)),
        "month": ("day >= ? AND day <= ?", (f"{day[:7]}-01", f"{day[:7]}-31")),
    }
    return scopes[name]


def _usd(nano: int) -> str:
    return dollars(Cost(nano, "computed"))


def _sentence(name: str, used: int, amount: int, cap: int) -> str:
    need = f", and this request may cost {_usd(amount)} more"
    state = "is used up" if used >= cap else "is too small"
    until = {"day": ", or wait until tomorrow", "month": ", or wait until next month"}.get(name, "")
    raised = f"raise it (`budget: {{{name}: USD}}`, or /budget {name} USD)"
    spent = f"{_usd(used)} is spent or held{need if used < cap else ''}"
    return f"the {name} budget of {_usd(cap)} {state}: {spent}; {raised}{until}"
