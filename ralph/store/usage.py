"""Analytics over the ledger: tokens, money, waiting and failures, by day, month, model, provider, timeline or step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ralph.core.accounts import Account, By, Spending
from ralph.core.usage import Cost, Usage, total_cost, total_usage
from ralph.store.database import Database

_ROWS = """
SELECT day, substr(day, 1, 7) AS month, provider || ':' || model AS model, provider, timeline, role AS step, attempt,
       run || block, outcome, speculated, input, cache_read, cache_write, output, reasoning, usage_source, nano_usd,
       cost_status, ttft_ms, duration_ms
FROM attempts WHERE outcome IS NOT NULL ORDER BY started_at"""

# By the partial index `events_notes`. Of a damaged note nothing is counted.
HITS = """
SELECT json_extract(note, '$.data.cost.nano_usd')
FROM (SELECT CASE WHEN json_valid(data) THEN data END AS note FROM events WHERE type = 'note')
WHERE json_extract(note, '$.kind') = 'cache'"""

_STEPS = "SELECT kind, status, count(*) FROM blocks WHERE kind IN ('route', 'tool') GROUP BY kind, status"


_GUESSES = """
SELECT a.ttft_ms, a.duration_ms, json_extract(a.phases, '$.held'),
       (SELECT sum(r.duration_ms) FROM attempts r
        WHERE r.timeline = a.timeline AND r.run = a.run AND r.turn = a.turn AND r.role = 'route')
FROM attempts a WHERE a.speculated = 1 AND a.outcome = 'ok' AND a.ttft_ms IS NOT NULL"""


class Ledger:
    """Reads the ledger. Never writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def account(self, by: By) -> Account:
        """The whole ledger, grouped; the rows in the order in which they were first used."""
        names = ("day", "month", "model", "provider", "timeline", "step", "attempt", "block", "outcome", "speculated")
        keys = (*names, *_FIGURES)
        rows = [dict(zip(keys, row, strict=True)) for row in await self._db.query(_ROWS)]
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            groups[row[by]].append(row)
        hits = await self._db.query(HITS)
        route = [r for r in rows if r["step"] == "route"]
        return Account(
            by=by,
            rows=tuple(spending(name, group) for name, group in groups.items()),
            total=spending("total", rows),
            cache_hits=len(hits),
            cache_saved=sum(int(saved or 0) for (saved,) in hits),
            route_cost=total_cost(map(_cost, route)),
            route_saved=await self._saved(rows),
            wasted=total_cost(_cost(r) for r in rows if r["outcome"] == "discarded"),
            waiting_saved_ms=sum(_sooner(*row) for row in await self._db.query(_GUESSES)),
        )

    async def _saved(self, rows: Sequence[Mapping[str, Any]]) -> int | None:
        counts: Counter[tuple[str, str]] = Counter()
        for kind, status, count in await self._db.query(_STEPS):
            counts[kind, str(status)] += count
        saved, known = 0.0, False
        for step in ("route", "tool"):
            costs = [r["nano_usd"] for r in rows if r["step"] == step and r["nano_usd"] is not None]
            blocks = {(r["timeline"], r["block"]) for r in rows if r["step"] == step}
            if not costs:
                continue
            spared = counts["tool", "skipped"] if step == "tool" else counts["route", "ok"] - len(blocks)
            saved, known = saved + max(0, spared) * sum(costs) / max(1, len(blocks)), True
        return round(saved) if known else None


_FIGURES = (
    "input", "cache_read", "cache_write", "output", "reasoning", "usage_source", "nano_usd", "cost_status", "ttft_ms",
    "duration_ms",
)  # fmt: skip


# An answer that came all at once has no speed.
RATED_MS = 10.0


def _sooner(ttft_ms: float, duration_ms: float, held_ms: float | None, route_ms: float | None) -> float:
    """By how much a guess that was used came sooner: it began with the route, and showed when it was let go.

    One that was over before it was let go was held for longer than it took.
    """
    shown = max(ttft_ms, held_ms if held_ms is not None else duration_ms)
    return max(0.0, (route_ms or 0.0) + ttft_ms - shown)


def spending(name: str, rows: Sequence[Mapping[str, Any]]) -> Spending:
    """The figures of one group; pure."""
    ttfts = [r["ttft_ms"] for r in rows if r["ttft_ms"] is not None]
    durations = [r["duration_ms"] for r in rows if r["duration_ms"] is not None and r["outcome"] == "ok"]
    streamed = [(r["duration_ms"] - r["ttft_ms"], r["output"]) for r in rows if r["outcome"] == "ok" and r["ttft_ms"]]
    rated = [(took, output) for took, output in streamed if took >= RATED_MS]
    decode, decoded = sum(took for took, _ in rated), sum(output for _, output in rated)
    count = len(rows)
    return Spending(
        name=name,
        attempts=count,
        usage=total_usage(map(_usage, rows)),
        cost=total_cost(map(_cost, rows)),
        ttft_p50_ms=percentile(ttfts, 50),
        ttft_p95_ms=percentile(ttfts, 95),
        duration_p50_ms=percentile(durations, 50),
        duration_p95_ms=percentile(durations, 95),
        tokens_per_second=round(decoded / decode * 1000, 1) if decode > 0 else None,
        error_rate=_share(sum(r["outcome"] in ("failed", "interrupted") for r in rows), count),
        retry_rate=_share(sum(not r["attempt"].endswith("a1") for r in rows), count),
    )


def percentile(values: Sequence[float], share: int) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else None


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _usage(row: Mapping[str, Any]) -> Usage:
    return Usage(
        row["input"], row["cache_read"], row["cache_write"], row["output"], row["reasoning"], row["usage_source"]
    )


def _cost(row: Mapping[str, Any]) -> Cost:
    return Cost(row["nano_usd"], row["cost_status"] or "unknown")
