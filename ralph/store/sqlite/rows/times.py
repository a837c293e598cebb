"""The time columns of a row: whole microseconds where they stand for exactly the same value, else the value itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = len("2026-11-20T14:02:11")
_LENGTH = _SECOND + len(".123456Z")
# Above this many milliseconds (11 days) a float has no room for microseconds.
_LONGEST = 1e9


def store_at(at: str) -> int | str:
    """Return the microseconds since 1970 of a stamp as `ralph.core.clock.stamp` writes it; any other text unchanged."""
    part = at[_SECOND + 1 : -1]
    if len(at) != _LENGTH or at[_SECOND] != "." or at[-1] != "Z" or not (part.isascii() and part.isdigit()):
        return at
    seconds = _seconds(at[:_SECOND])
    return at if seconds is None else seconds * 1_000_000 + int(part)


def read_at(stored: int | str) -> str:
    """Return the stamp that `store_at` was given."""
    if type(stored) is not int:
        return str(stored)
    return f"{_second(stored // 1_000_000)}.{stored % 1_000_000:06d}Z"


@lru_cache(maxsize=256)
def _seconds(second: str) -> int | None:
    """Return the seconds since 1970, or None if the text is not exactly how a second is written."""
    try:
        seconds = (datetime.fromisoformat(f"{second}+00:00") - _EPOCH) // timedelta(seconds=1)
    except ValueError:
        return None
    return seconds if seconds >= 0 and _second(seconds) == second else None


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:_SECOND]
    except OverflowError:  # a damaged row
        return str(seconds)


def store_ms(ms: float) -> int | float:
    """Return milliseconds as whole microseconds; a value that these cannot express is returned unchanged."""
    if not 0.0 <= ms < _LONGEST:
        return float(ms)
    micros = round(ms * 1000)
    return micros if micros / 1000 == ms else float(ms)


def read_ms(stored: int | float) -> float:
    """Return the milliseconds that `store_ms` was given."""
    return stored / 1000 if type(stored) is int else stored
