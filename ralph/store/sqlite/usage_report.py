"""Analytics over the ledger: tokens, money, waiting and failures, by day, month, model, provider, timeline or step.

SQLite groups and sorts; a group is one row here, however long the ledger is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ralph.core.llm.speed import RATED_MS
from ralph.core.llm.usage import COST_STATUSES, SOURCES, Cost, Usage
from ralph.core.log.ids import FIRST_ATTEMPT
from ralph.core.ports.usage_report import GroupBy, UsageReport, UsageRow
from ralph.store.sqlite.database import Database

_GROUPS: Mapping[str, str] = {
    "day": "day",
    "month": "substr(day, 1, 7)",
    "model": "provider || ':' || model",
    "provider": "provider",
    "timeline": "timeline",
    "step": "role",
    "total": "'total'",
}
_TOKENS = ("input", "cache_read", "cache_write", "output", "reasoning")


def _sum_sql(column: str) -> str:
    """Return SQL for the upper and the lower 32 bits of a sum. SQLite's `sum` fails above 63 bits, and a server with
    false token counts can reach that.
    """
    return f"sum({column} >> 32), sum({column} & 4294967295)"


def _rank_sql(column: str, words: Sequence[str]) -> str:
    """Return SQL for the worst of these words, by its place; an unknown word counts as the worst."""
    places = " ".join(f"WHEN '{word}' THEN {n}" for n, word in enumerate(words))
    return f"min(CASE {column} {places} ELSE 0 END)"


_MONEY = f"count(nano_usd), {_sum_sql('nano_usd')}, {_rank_sql('cost_status', COST_STATUSES)}"
_RATED = f"outcome = 'ok' AND ttft_ms <> 0 AND duration_ms - ttft_ms >= {RATED_MS}"
# A try after a failed one. Rounds of tools and the answer after a guess also follow each other, but do not count.
_AGAIN = f"""substr(attempt, -{len(FIRST_ATTEMPT)}) <> '{FIRST_ATTEMPT}' AND EXISTS (
           SELECT 1 FROM attempts b WHERE b.timeline = a.timeline AND b.run = a.run AND b.outcome = 'failed'
           AND b.attempt = a.block || 'a' || (CAST(substr(a.attempt, length(a.block) + 2) AS INTEGER) - 1))"""
# Ordered by first use; rows of the same moment in the ledger's order.
_SPENDING = f"""
SELECT {{group}} AS name, count(*), {", ".join(_sum_sql(c) for c in _TOKENS)}, {_rank_sql("usage_source", SOURCES)},
       {_MONEY},
       sum(CASE WHEN {_RATED} THEN duration_ms - ttft_ms END), sum(CASE WHEN {_RATED} THEN 1.0 * output END),
       sum(outcome IN ('failed', 'interrupted')), sum({_AGAIN})
FROM attempts a WHERE outcome IS NOT NULL GROUP BY name
ORDER BY min(started_at || ' ' || timeline || ' ' || run || ' ' || attempt)"""

_PERCENTILES = """
SELECT name, value, n, of FROM (
    SELECT name, value, row_number() OVER (PARTITION BY name ORDER BY value) AS n,
           count(*) OVER (PARTITION BY name) AS of
    FROM (SELECT {group} AS name, {column} AS value FROM attempts
          WHERE outcome IS NOT NULL AND {column} IS NOT NULL {only}))
WHERE n IN ((of * 50 + 99) / 100, (of * 95 + 99) / 100)"""

_PART = f"SELECT {_MONEY}, count(*) FROM attempts a WHERE outcome IS NOT NULL AND ({{only}})"
# Uses the partial index `events_notes`. Damaged notes are not counted.
HITS = """
SELECT json_extract(note, '$.data.cost.nano_usd')
FROM (SELECT CASE WHEN json_valid(data) THEN data END AS note FROM events WHERE type = 'note')
WHERE json_extract(note, '$.kind') = 'cache'"""

# The saving of a skipped step is only known from turns that ended well, with the same model at the same price.
# A skipped tool step is compared with the tool steps of the model that answered its turn.
_WELL = """a.run = '' AND EXISTS (
    SELECT 1 FROM turns t WHERE t.timeline = a.timeline AND t.turn = a.turn AND t.status = 'ok')"""
_PRICED = "outcome = 'ok' AND nano_usd IS NOT NULL AND cost_status <> 'free' AND price IS NOT NULL"
_TOOL_SAVED = f"""
WITH ran AS (SELECT provider, model, price, 1.0 * sum(nano_usd) / count(DISTINCT timeline || ' ' || block) AS mean
             FROM attempts a WHERE role = 'tool' AND {_PRICED} AND {_WELL} GROUP BY provider, model, price)
SELECT sum(mean), count(*) FROM (
    SELECT (SELECT mean FROM ran r WHERE r.provider = a.provider AND r.model = a.model AND r.price = a.price) AS mean
    FROM attempts a JOIN blocks k ON k.timeline = a.timeline AND k.turn = a.turn
    WHERE a.role = 'format' AND {_PRICED} AND {_WELL} AND k.kind = 'tool' AND k.status = 'skipped'
    GROUP BY a.timeline, a.block) WHERE mean IS NOT NULL"""
# A turn without a routing model is compared with the others of its timeline, if one model at one price routed them all.
_ROUTE_SAVED = f"""
WITH ran AS (SELECT timeline, 1.0 * sum(nano_usd) / count(DISTINCT block) AS mean
             FROM attempts a WHERE role = 'route' AND {_PRICED} AND {_WELL}
             GROUP BY timeline HAVING count(DISTINCT provider || ' ' || model || ' ' || price) = 1)
SELECT sum(r.mean), count(*) FROM blocks k JOIN turns t ON t.timeline = k.timeline AND t.turn = k.turn
JOIN ran r ON r.timeline = k.timeline
WHERE k.kind = 'route' AND k.status = 'ok' AND t.status = 'ok' AND NOT EXISTS (
    SELECT 1 FROM attempts a WHERE a.timeline = k.timeline AND a.run = '' AND a.turn = k.turn AND a.role = 'route')"""

# Models with an unknown cost of their last request that used tokens.
_UNPRICED = """
SELECT provider, model FROM (
    SELECT provider, model, cost_status, row_number() OVER (PARTITION BY provider, model ORDER BY started_at DESC) AS n
    FROM attempts WHERE outcome IS NOT NULL AND usage_source <> 'none')
WHERE n = 1 AND cost_status = 'unknown' ORDER BY provider, model"""

# An answered guess that turned out to be unwanted: the answer was requested again.
_UNWANTED = """speculated = 1 AND EXISTS (
    SELECT 1 FROM attempts b WHERE b.timeline = a.timeline AND b.run = a.run AND b.block = a.block AND b.turn = a.turn
    AND b.outcome IS NOT NULL AND b.speculated = 0)"""

_GUESSES = f"""
SELECT a.ttft_ms, a.duration_ms, json_extract(a.phases, '$.held'),
       (SELECT sum(r.duration_ms) FROM attempts r
        WHERE r.timeline = a.timeline AND r.run = a.run AND r.turn = a.turn AND r.role = 'route')
FROM attempts a WHERE a.speculated = 1 AND a.outcome = 'ok' AND a.ttft_ms IS NOT NULL AND NOT ({_UNWANTED})"""


class UsageReports:
    """Reads the ledger. Never writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def version(self) -> int:
        ((number,),) = await self._db.query("PRAGMA data_version")
        return int(number)

    async def report(self, by: GroupBy) -> UsageReport:
        """Return the whole ledger, grouped; the rows are in the order of first use."""
        hits = await self._db.query(HITS)
        total = await self._spendings("total")
        return UsageReport(
            by=by,
            rows=await self._spendings(by),
            total=total[0] if total else _NOTHING,
            cache_hits=len(hits),
            cache_saved=sum(int(saved or 0) for (saved,) in hits),
            route_cost=await self._cost("role = 'route'"),
            route_saved=await self._sum_savings(),
            wasted=await self._cost(f"outcome = 'discarded' OR ({_UNWANTED})"),
            waiting_saved_ms=sum(_sooner(*row) for row in await self._db.query(_GUESSES)),
            unpriced=tuple(f"{provider}:{model}" for provider, model in await self._db.query(_UNPRICED)),
        )

    async def _spendings(self, group: str) -> tuple[UsageRow, ...]:
        sql = _GROUPS[group]
        ttfts = await self._percentiles(sql, "ttft_ms", "")
        durations = await self._percentiles(sql, "duration_ms", "AND outcome = 'ok'")
        rows = await self._db.query(_SPENDING.format(group=sql))
        return tuple(_spending(row, ttfts, durations) for row in rows)

    async def _percentiles(self, group: str, column: str, only: str) -> dict[tuple[str, int], float]:
        """Return the nearest-rank percentiles, by name and share."""
        found: dict[tuple[str, int], float] = {}
        for name, value, rank, of in await self._db.query(_PERCENTILES.format(group=group, column=column, only=only)):
            found |= {(name, share): value for share in (50, 95) if rank == (of * share + 99) // 100}
        return found

    async def _cost(self, only: str) -> Cost:
        (row,) = await self._db.query(_PART.format(only=only))
        return _money(*row[:4]) if row[4] else Cost()

    async def _sum_savings(self) -> int | None:
        """Return nano-dollars; None if nothing can be compared."""
        rows = [(await self._db.query(sql))[0] for sql in (_TOOL_SAVED, _ROUTE_SAVED)]
        return round(sum(saved or 0.0 for saved, _ in rows)) if any(count for _, count in rows) else None


_NOTHING = UsageRow("total", 0, Usage(), Cost(), None, None, None, None, None, 0.0, 0.0)


def _spending(
    row: Sequence[Any], ttfts: Mapping[tuple[str, int], float], durations: Mapping[tuple[str, int], float]
) -> UsageRow:
    name, count, *tokens = row[:12]
    source, *money = row[12:17]
    decode, decoded, failed, again = row[17:]
    fresh, read, write, output, reasoning = (
        _whole(high, low) for high, low in zip(tokens[::2], tokens[1::2], strict=True)
    )
    return UsageRow(
        name=name,
        attempts=count,
        usage=Usage(fresh, read, write, output, reasoning, SOURCES[source]),
        cost=_money(*money),
        ttft_p50_ms=ttfts.get((name, 50)),
        ttft_p95_ms=ttfts.get((name, 95)),
        duration_p50_ms=durations.get((name, 50)),
        duration_p95_ms=durations.get((name, 95)),
        tokens_per_second=round(decoded / decode * 1000, 1) if decode else None,
        error_rate=round(failed / count, 4),
        retry_rate=round(again / count, 4),
    )


def _money(known: int, high: int | None, low: int | None, status: int) -> Cost:
    return Cost(_whole(high or 0, low or 0) if known else None, COST_STATUSES[status])


def _whole(high: int, low: int) -> int:
    return (high << 32) + low


def _sooner(ttft_ms: float, duration_ms: float, held_ms: float | None, route_ms: float | None) -> float:
    """Return how many milliseconds earlier the first token was shown because the request was guessed.

    A guessed request begins together with the route; its answer is held until the route has confirmed the guess.
    `held_ms` is None where the whole answer came before that.
    """
    shown = max(ttft_ms, held_ms if held_ms is not None else duration_ms)
    return max(0.0, (route_ms or 0.0) + ttft_ms - shown)
