"""Formats times, tokens and lists for people, the same in every face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime


def seconds(ms: float) -> str:
    """Format milliseconds: `12ms`, `0.41s`, `3.1s`, `1m05s`."""
    if ms < 99.5:
        return f"{ms:.0f}ms"
    s = ms / 1000
    if s < 9.995:
        return f"{s:.2f}s"
    if s < 59.95:
        return f"{s:.1f}s"
    return f"{int(s) // 60}m{int(s) % 60:02d}s"


def span(seconds: float) -> str:
    """Format a wait in seconds, rounded up: `3 s`, `90 s`, `60 min`, `27 h`, `12 days`."""
    for most, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds <= most:
            return f"{math.ceil(seconds / unit)} {name}"
    return f"{math.ceil(seconds / 86_400):,} days"


def clock_time(until: datetime, now: datetime | None = None) -> str:
    """Format a moment in local time: `15:04`, with seconds if it is near, and with the day if it is not today."""
    here, there = (now or datetime.now(UTC)).astimezone(), until.astimezone()
    if here.date() != there.date():
        return there.strftime("%Y-%m-%d %H:%M")
    return there.strftime("%H:%M:%S" if (until - here).total_seconds() < 120 else "%H:%M")


def join_words(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def plural(count: int, noun: str) -> str:
    """Return `1 call`, `2 calls`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
