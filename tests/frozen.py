"""Clocks and ids that stand still, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Time that moves only when it is told to."""

    def __init__(self, start: datetime = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)) -> None:
        self.start = start
        self.passed = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self.passed += seconds


def counted_ids() -> Callable[[], str]:
    """`t000000001`, `t000000002`, …"""
    count = 0

    def next_id() -> str:
        nonlocal count
        count += 1
        return f"t{count:09d}"

    return next_id
