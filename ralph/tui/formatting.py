"""The notation of numbers in the timeline: times, tokens, rates, bars."""

from __future__ import annotations

from datetime import datetime

from ralph.core.llm.speed import RATED_MS
from ralph.core.llm.usage import Cost, Usage, dollars, format_charge, mark
from ralph.core.timeline.turns import Block

EMPTY_FILL = ("░", "█")


def tokens(usage: Usage, room: int = 80) -> str:
    """Return `1,752↑ 187↓`, or "" without a request. Figures not reported have a mark: `~` estimated, `≈` counted."""
    if usage.source == "none":
        return ""
    how = mark(usage)
    text = f"{how}{usage.input:,}↑ {how}{usage.output:,}↓"
    return text if len(text) < room else f"{how}{short(usage.input)}↑ {how}{short(usage.output)}↓"


def price(cost: Cost, usage: Usage | None = None) -> str:
    """Return a cost for a row: `cost ?` if no part of it is known, `$0` if `usage` says that nothing was used."""
    if not is_known(cost):
        return "cost ?"
    return format_charge(cost, usage) if usage else dollars(cost)


def is_known(cost: Cost) -> bool:
    """Return whether a part of the cost is known. Free requests beside requests of unknown price do not count."""
    return cost.status != "unknown" or bool(cost.nano_usd)


def short(count: int) -> str:
    """Return `12.3k` from a thousand, `1.2M` from a million."""
    if count >= 999_950:
        return f"{count / 1_000_000:.1f}M"
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)


def rate(block: Block) -> str:
    """Return output tokens per second after the first one, or "" if a figure is missing or the time too short."""
    last = block.attempts[-1].end if block.attempts else None
    if not last or last.ttft_ms is None or last.outcome != "ok" or last.usage.source == "none":
        return ""
    took = last.duration_ms - last.ttft_ms
    if took < RATED_MS or last.usage.output < 2:
        return ""
    how = "~" if last.usage.source != "reported" else ""
    return f"{how}{last.usage.output / took * 1000:,.0f} tok/s"


def clock_time(at: str) -> str:
    """Return the local time of day of a stored moment, or "" if it is no moment."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return ""


def bar(start_ms: float, took_ms: float, whole_ms: float, width: int) -> tuple[str, str, str]:
    """Return the cells before a time span, of the span (at least one), and after it, on an axis of `width` cells."""
    if width <= 0:
        return "", "", ""
    scale = width / whole_ms if whole_ms > 0 else 0.0
    first = min(width - 1, int(start_ms * scale))
    last = min(width, max(first + 1, round((start_ms + took_ms) * scale)))
    rest, fill = EMPTY_FILL
    return rest * first, fill * (last - first), rest * (width - last)


def when(at: str, now: datetime) -> str:
    """Return `today 14:02`, `yesterday 09:10`, `Mon 14:02` within six days, `3 Nov 14:02` this year, `3 Nov 2025`."""
    try:
        moment = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return ""
    days = (now.astimezone().date() - moment.date()).days
    time = f"{moment:%H:%M}"
    if days == 0:
        return f"today {time}"
    if days == 1:
        return f"yesterday {time}"
    if 1 < days < 7:
        return f"{moment:%a} {time}"
    day = f"{moment.day} {moment:%b}"
    return f"{day} {time}" if moment.year == now.astimezone().year else f"{day} {moment.year}"
