"""What a report must say, by plain SQL and Python over the ledger and without any kept sum."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ralph.core.llm.usage import Cost, total_cost
from ralph.core.ports.usage_report import GroupBy, UsageRow
from tests.store.plain_sum import spending

_NAMES: Mapping[GroupBy, str] = {
    "day": "day", "month": "substr(day, 1, 7)", "model": "provider || ':' || model", "provider": "provider",
    "timeline": "timeline", "step": "role",
}  # fmt: skip
_UNWANTED = """speculated = 1 AND EXISTS (
    SELECT 1 FROM attempts b WHERE b.timeline = a.timeline AND b.run = a.run AND b.block = a.block AND b.turn = a.turn
    AND b.outcome IS NOT NULL AND b.speculated = 0)"""
_GUESSES = f"""
SELECT a.ttft_ms, a.duration_ms, json_extract(a.phases, '$.held'),
       (SELECT sum(r.duration_ms) FROM attempts r
        WHERE r.timeline = a.timeline AND r.run = a.run AND r.turn = a.turn AND r.role = 'route')
FROM attempts a WHERE a.speculated = 1 AND a.outcome = 'ok' AND a.ttft_ms IS NOT NULL AND NOT ({_UNWANTED})"""
_WELL = """a.run = '' AND EXISTS (
    SELECT 1 FROM turns t WHERE t.timeline = a.timeline AND t.turn = a.turn AND t.status = 'ok')"""
_PRICED = "outcome = 'ok' AND nano_usd IS NOT NULL AND cost_status <> 'free' AND price IS NOT NULL"
_TOOL_SAVED = f"""
WITH ran AS (SELECT provider, model, price, 1.0 * sum(nano_usd) / count(DISTINCT timeline || ' ' || block) AS mean
             FROM attempts a WHERE role = 'tool' AND {_PRICED} AND {_WELL} GROUP BY provider, model, price)
SELECT sum(mean), count(*) FROM (
    SELECT (SELECT mean FROM ran r WHERE r.provider = a.provider AND r.model = a.model AND r.price = a.price) AS mean,
           max(a.attempt)
    FROM attempts a JOIN blocks k ON k.timeline = a.timeline AND k.turn = a.turn
    WHERE a.role = 'format' AND {_PRICED} AND {_WELL} AND k.kind = 'tool' AND k.status = 'skipped'
    GROUP BY a.timeline, a.block) WHERE mean IS NOT NULL"""
_ROUTE_SAVED = f"""
WITH ran AS (SELECT timeline, 1.0 * sum(nano_usd) / count(DISTINCT block) AS mean
             FROM attempts a WHERE role = 'route' AND {_PRICED} AND {_WELL}
             GROUP BY timeline HAVING count(DISTINCT provider || ' ' || model || ' ' || price) = 1)
SELECT sum(r.mean), count(*) FROM blocks k JOIN turns t ON t.timeline = k.timeline AND t.turn = k.turn
JOIN ran r ON r.timeline = k.timeline
WHERE k.kind = 'route' AND k.status = 'ok' AND t.status = 'ok' AND NOT EXISTS (
    SELECT 1 FROM attempts a WHERE a.timeline = k.timeline AND a.run = '' AND a.turn = k.turn AND a.role = 'route')"""


class PlainLedger:
    """The tables of a database as they are now."""

    def __init__(self, path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute(
                "SELECT * FROM attempts WHERE outcome IS NOT NULL"
                " ORDER BY started_at || ' ' || timeline || ' ' || run || ' ' || attempt"
            )
            self.rows: list[Mapping[str, Any]] = [dict(row) for row in rows]
            self._names = {
                by: {_place(row): row["name"] for row in database.execute(f"SELECT *, {sql} AS name FROM attempts")}
                for by, sql in _NAMES.items()
            }
            self.unwanted = [
                _cost(row)
                for row in database.execute(f"SELECT * FROM attempts a WHERE {_UNWANTED} AND outcome IS NOT NULL")
            ]
            self.unwanted += [_cost(row) for row in database.execute(
                f"SELECT * FROM attempts a WHERE outcome = 'discarded' AND NOT ({_UNWANTED})"
            )]  # fmt: skip
            self.sooner_ms = sum(_sooner(*row) for row in database.execute(_GUESSES))
            saved = [tuple(database.execute(sql).fetchone()) for sql in (_TOOL_SAVED, _ROUTE_SAVED)]
            self.route_saved = sum(nano or 0.0 for nano, _ in saved) if any(count for _, count in saved) else None

    def groups(self, by: GroupBy) -> tuple[UsageRow, ...]:
        names = self._names[by]
        order = dict.fromkeys(names[_place(row)] for row in self.rows)
        return tuple(spending(n, [r for r in self.rows if names[_place(r)] == n], self.rows) for n in order)

    @property
    def total(self) -> UsageRow:
        return spending("total", self.rows)

    @property
    def wasted(self) -> Cost:
        return total_cost(self.unwanted)

    def cost(self, where: Mapping[str, Any]) -> Cost:
        """The cost of the rows with these values."""
        return total_cost(map(_cost, self._rows_with(where)))

    def spent(self, where: Mapping[str, Any]) -> Cost | None:
        """The cost of the rows with these values; None if none of them used anything."""
        rows = self._rows_with(where)
        return total_cost(map(_cost, rows)) if any(row["usage_source"] != "none" for row in rows) else None

    def _rows_with(self, where: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [row for row in self.rows if all(row[name] == value for name, value in where.items())]


def _place(row: Any) -> tuple[str, str, str]:
    return row["timeline"], row["run"], row["attempt"]


def _cost(row: Any) -> Cost:
    return Cost(row["nano_usd"], row["cost_status"] or "unknown")


def _sooner(ttft_ms: float, duration_ms: float, held_ms: float | None, route_ms: float | None) -> float:
    shown = max(ttft_ms, held_ms if held_ms is not None else duration_ms)
    return max(0.0, (route_ms or 0.0) + ttft_ms - shown)
