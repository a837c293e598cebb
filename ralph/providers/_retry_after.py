"""Reads how long a vendor asks to wait, from its headers or its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

# A longer delay is a mistake of the server; nobody waits a year.
_MOST_S = 366 * 86_400.0
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_NAMES = r"milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d"
_AMOUNT = rf"\d+(?:\.\d+)?\s*(?:{_NAMES})(?![a-z])"
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
_DURATION = re.compile(rf"(?:{_AMOUNT}[\s,]*(?:and\s+)?)+", re.IGNORECASE)
_AGAIN = re.compile(
    rf"(?:try|retry|wait|available|resets?)(?:ing)?(?:\s+again|\s+your\s+request|\s+at\s+least|\s+for)*\s*(?:in|after|for)?"
    rf"\s*:?\s*(?:about\s+)?((?:{_AMOUNT}[\s,]*(?:and\s+)?)+)",
    re.IGNORECASE,
)


def retry_after(headers: Mapping[str, str], words: str = "", now: datetime | None = None) -> float | None:
    """Return seconds from `retry-after-ms`, `retry-after` (seconds, an HTTP date, `1m30s`), or the vendor's words.

    A negative or past time is 0. An unreadable time, or one of more than a year, is None.
    """
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        found = None if value is None else _seconds(value.strip(), scale, now)
        if found is not None:
            return found
    return find_delay(words)


def find_delay(words: str) -> float | None:
    """Read a delay in words: `Please try again in 5.289s`, `Retry after 20 seconds`, `try again in 1h2m`."""
    found = _AGAIN.search(words)
    return _sane(_length(found[1])) if found else None


def _seconds(value: str, scale: float, now: datetime | None) -> float | None:
    try:
        return _sane(float(value) * scale)
    except ValueError:
        pass
    if _DURATION.fullmatch(value):
        return _sane(_length(value))
    moment = _date(value)
    return _sane((moment - (now or datetime.now(UTC))).total_seconds()) if moment else None


def _sane(seconds: float) -> float | None:
    return max(0.0, seconds) if -_MOST_S * 100 <= seconds <= _MOST_S else None


def _length(text: str) -> float:
    """Return the seconds of a duration like `1m30s` or `2 minutes`."""
    total = 0.0
    for amount, unit in _PART.findall(text.lower()):
        name = "ms" if unit.startswith(("ms", "milli")) else unit[0]
        total += float(amount) * _UNITS[name]
    return total


def _date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # late: 2 ms, and few servers send a date

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
