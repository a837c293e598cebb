"""The plain sum of ledger rows in Python: what the store must say to the digit, and a double of the screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ralph.core.llm.speed import RATED_MS
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.ports.usage_report import UsageRow


def spending(
    name: str, rows: Sequence[Mapping[str, Any]], ledger: Sequence[Mapping[str, Any]] | None = None
) -> UsageRow:
    """The figures of one group; pure. A try before may be in another group of the `ledger`."""
    failed = {_place(r, 0) for r in (rows if ledger is None else ledger) if r["outcome"] == "failed"}
    ttfts = [r["ttft_ms"] for r in rows if r["ttft_ms"] is not None]
    durations = [r["duration_ms"] for r in rows if r["duration_ms"] is not None and r["outcome"] == "ok"]
    streamed = [(r["duration_ms"] - r["ttft_ms"], r["output"]) for r in rows if r["outcome"] == "ok" and r["ttft_ms"]]
    # In whole microseconds, as the recorder stores times: the sum is the same in any order.
    rated = [(round(took * 1000), output) for took, output in streamed if took >= RATED_MS]
    decode, decoded = sum(took for took, _ in rated), sum(output for _, output in rated)
    count = len(rows)
    return UsageRow(
        name=name,
        attempts=count,
        usage=total_usage(map(_usage, rows)),
        cost=total_cost(map(_cost, rows)),
        ttft_p50_ms=percentile(ttfts, 50),
        ttft_p95_ms=percentile(ttfts, 95),
        duration_p50_ms=percentile(durations, 50),
        duration_p95_ms=percentile(durations, 95),
        tokens_per_second=round(decoded / decode * 1e6, 1) if decode > 0 else None,
        error_rate=_share(sum(r["outcome"] in ("failed", "interrupted") for r in rows), count),
        retry_rate=_share(sum(_place(r, -1) in failed for r in rows), count),
    )


def _place(row: Mapping[str, Any], step: int) -> tuple[Any, ...]:
    block, number = row["attempt"].rsplit("a", 1)
    return row.get("timeline"), row.get("run", ""), block, int(number) + step


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
