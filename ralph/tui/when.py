"""A stored moment as people say it: by local time, and the nearer the shorter."""

from __future__ import annotations

from datetime import datetime


def when(at: str, now: datetime) -> str:
    """`today 14:02`, `yesterday 09:10`, `Mon 14:02` within six days, `3 Nov 14:02` this year, `3 Nov 2025`."""
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
