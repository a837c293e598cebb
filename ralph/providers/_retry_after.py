"""How long a vendor asks to wait, from its headers or its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

_TRY_AGAIN = re.compile(r"try again in (?:(\d+)m)?(\d+(?:\.\d+)?)(ms|s)\b", re.IGNORECASE)


def retry_after(headers: Mapping[str, str], words: str = "", now: datetime | None = None) -> float | None:
    """Seconds, from `retry-after-ms`, `retry-after` (seconds or an HTTP date), else the vendor's words."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            return max(0.0, float(value) * scale)
        except ValueError:
            moment = _date(value)
            if moment:
                return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
    return told_in(words)


def told_in(words: str) -> float | None:
    """Groq and OpenAI write it out: `Please try again in 5.289s`."""
    found = _TRY_AGAIN.search(words)
    if not found:
        return None
    minutes, amount, unit = found.groups()
    return int(minutes or 0) * 60 + float(amount) * (0.001 if unit.lower() == "ms" else 1.0)


def _date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # late: 2 ms, and few servers send a date

    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
