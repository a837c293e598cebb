"""A month of a ledger that stands still, and the account of it as the store would make it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from ralph.core.llm.usage import Cost
from ralph.core.ports.usage_report import GroupBy, UsageReport
from tests.store.plain_sum import spending

LAST = date(2026, 11, 20)
MODELS = (
    ("anthropic", "claude-sonnet-5-5", "format", 2_100_000),
    ("anthropic", "claude-haiku-4-5", "route", 310_000),
    ("openai", "gpt-5.1", "tool", 1_300_000),
    ("ollama", "llama3.2:3b", "format", 0),
    ("work-vllm", "qwen3-coder-480b-a35b-instruct", "format", None),
)


def attempt(n: int = 1, day: date = LAST, **other: Any) -> dict[str, Any]:
    """One row as the ledger reads it."""
    provider, model, step, nano = MODELS[0]
    row = {
        "day": day.isoformat(), "month": day.isoformat()[:7], "model": f"{provider}:{model}", "provider": provider,
        "timeline": "k3f9w2m7qd", "step": step, "attempt": f"{n}.4a1", "block": f"{n}.4", "outcome": "ok",
        "speculated": 0, "input": 900, "cache_read": 300, "cache_write": 0, "output": 68, "reasoning": 0,
        "usage_source": "reported", "nano_usd": nano, "cost_status": "computed", "ttft_ms": 520.0,
        "duration_ms": 1900.0,
    }  # fmt: skip
    return {**row, **other}


def month() -> list[dict[str, Any]]:
    """Forty days with gaps, five models: one free, one whose price nobody knows."""
    rows = []
    for n in range(40):
        if n % 7 in (5, 6):
            continue
        for k, (provider, model, step, nano) in enumerate(MODELS[: 3 + (n % 3)]):
            count = (n * 7 + k * 3) % 11
            status = "unknown" if nano is None else "computed" if nano else "free"
            for m in range(count):
                rows.append(attempt(
                    m + 1, LAST - timedelta(days=39 - n), provider=provider, model=f"{provider}:{model}", step=step,
                    timeline=("k3f9w2m7qd", "saved00000", "g0ne000000")[(n + m) % 3],
                    attempt=f"{m}.{k}a{1 + (m == 4)}", nano_usd=nano and nano * (1 + (n + m) % 5),
                    cost_status=status, outcome="failed" if (n + m) % 13 == 0 else "ok", input=900 + 37 * n,
                    output=60 + 9 * m, ttft_ms=200.0 + 40 * k + 9 * n, duration_ms=900.0 + 110 * k + 31 * m,
                ))  # fmt: skip
    return rows


def account(rows: Sequence[dict[str, Any]], by: GroupBy) -> UsageReport:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row)
    return UsageReport(
        by=by, rows=tuple(spending(name, group) for name, group in groups.items()), total=spending("total", rows),
        cache_hits=12 if rows else 0, cache_saved=25_200_000, route_cost=Cost(31_000_000, "computed"),
        route_saved=44_000_000 if rows else None, wasted=Cost(8_400_000 if rows else 0, "computed"),
    )  # fmt: skip
