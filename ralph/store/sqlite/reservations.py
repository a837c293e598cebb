"""Reservations in the ledger: spent and reserved amounts are checked and updated in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ralph.core.llm.usage import COST_STATUSES, Cost, CostStatus, dollars, total_cost
from ralph.core.ports.budget import BudgetCaps, CapReached, NearCap, ReservationRequest
from ralph.core.ports.usage_report import CAPS, BudgetRow, CapName
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.days import ledger_day

_SUM = "SELECT coalesce(sum(coalesce(reserved, nano_usd, 0)), 0) FROM attempts WHERE {where}"
# Of a day, a month or a timeline: what has ended comes from the sums, what is held from the few attempts that hold
# something. An attempt that has ended holds nothing; if it did, that would count and not its cost.
_SUM_OF_MANY = """
SELECT (SELECT coalesce(sum(nano_usd_high), 0) * 4294967296 + coalesce(sum(nano_usd_low), 0) FROM {sums} WHERE {where})
       + (SELECT coalesce(sum(reserved - CASE WHEN outcome IS NULL THEN 0 ELSE coalesce(nano_usd, 0) END), 0)
          FROM attempts WHERE reserved IS NOT NULL AND +{where})"""
_USED = """
SELECT '{name}', outcome IS NULL AS running, coalesce(cost_status, 'unknown') AS status,
       sum(coalesce(reserved, nano_usd)), max(usage_source <> 'none')
FROM attempts WHERE (outcome IS NOT NULL OR reserved IS NOT NULL) AND {where} GROUP BY running, status"""
_WORST = " ".join(f"WHEN sum(cost_{status}) > 0 THEN '{status}'" for status in COST_STATUSES)
_USED_OF_MANY = f"""
SELECT '{{name}}', 0, CASE {_WORST} END,
       CASE WHEN sum(costs) > 0 THEN sum(nano_usd_high) * 4294967296 + sum(nano_usd_low) END,
       sum(attempts) > sum(tokens_none)
FROM {{sums}} WHERE {{where}} HAVING sum(attempts) > 0
UNION ALL
SELECT '{{name}}', outcome IS NULL AS running, coalesce(cost_status, 'unknown') AS status,
       sum(reserved - CASE WHEN outcome IS NULL THEN 0 ELSE coalesce(nano_usd, 0) END), max(usage_source <> 'none')
FROM attempts WHERE reserved IS NOT NULL AND +{{where}} GROUP BY running, status"""
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
            for name, cap, scope in _scopes(claim, caps, day.day):
                async with connection.execute(*_fill(_SUM, _SUM_OF_MANY, name, scope)) as cursor:
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
        filled = [_fill(_USED, _USED_OF_MANY, name, scope) for name, scope in scopes.items()]
        found = await self._db.query(" UNION ALL ".join(sql for sql, _ in filled), *(v for _, vs in filled for v in vs))
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


Values = tuple[Any, ...]
# The table of the sums, empty for a turn; the condition; its values.
Scope = tuple[str, str, Values]


def _scopes(claim: ReservationRequest, caps: BudgetCaps, day: str) -> list[tuple[CapName, int, Scope]]:
    """Return each cap that is set, with the rows that count against it."""
    every = [(name, getattr(caps, name), _scope(name, claim.timeline, claim.turn, day, claim.run)) for name in CAPS]
    return [(name, cap, scope) for name, cap, scope in every if cap is not None]


def _scope(name: CapName, timeline: str, turn: int, day: str, run: str) -> Scope:
    """Return the rows that count against a cap of this name. Unsaved turns count in their timeline too."""
    # The range of ids is there for the primary key: otherwise every attempt of the timeline would be read.
    of_turn = "timeline = ? AND run = ? AND attempt >= ? AND attempt < ? AND turn = ?"
    scopes: dict[CapName, Scope] = {
        "turn": ("", of_turn, (timeline, run, f"{turn}.", f"{turn}/", turn)),
        "timeline": ("sums_by_timeline", "timeline = ?", (timeline,)),
        "day": ("sums_by_day", "day = ?", (day,)),
        "month": ("sums_by_day", "day BETWEEN ? AND ?", (f"{day[:7]}-01", f"{day[:7]}-31")),
    }
    return scopes[name]


def _fill(plain: str, of_many: str, name: CapName, scope: Scope) -> tuple[str, Values]:
    """Return the statement for this scope, with its values."""
    sums, where, values = scope
    if not sums:
        return plain.format(name=name, where=where), values
    return of_many.format(name=name, sums=sums, where=where), values * 2


def _usd(nano: int) -> str:
    return dollars(Cost(nano, "computed"))


def _sentence(name: str, used: int, amount: int, cap: int) -> str:
    need = f", and this request may cost {_usd(amount)} more"
    state = "is used up" if used >= cap else "is too small"
    until = {"day": ", or wait until tomorrow", "month": ", or wait until next month"}.get(name, "")
    raised = f"raise it (`budget: {{{name}: USD}}`, or /budget {name} USD)"
    spent = f"{_usd(used)} is spent or held{need if used < cap else ''}"
    return f"the {name} budget of {_usd(cap)} {state}: {spent}; {raised}{until}"
