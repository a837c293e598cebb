"""Times, tokens and lists as a person reads them, the same in every face."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.usage import Usage


def seconds(ms: float) -> str:
    """`12ms`, `0.41s`, `3.1s`, `1m05s`."""
    if ms < 99.5:
        return f"{ms:.0f}ms"
    s = ms / 1000
    if s < 9.995:
        return f"{s:.2f}s"
    if s < 59.95:
        return f"{s:.1f}s"
    return f"{int(s) // 60}m{int(s) % 60:02d}s"


def mark(usage: Usage) -> str:
    """What stands before a figure that no provider reported: `~` estimated, `≈` counted."""
    return {"estimated": "~", "counted": "≈"}.get(usage.source, "")


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def plural(count: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
