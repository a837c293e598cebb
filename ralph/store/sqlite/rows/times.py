"""The time columns of a row: whole microseconds where they stand for exactly the same value, else the value itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = len("2026-11-20T14:02:11.123456Z")
# Above this many milliseconds (11 days) a float has no room for microseconds.
_LONGEST = 1e9


def store_at(at: str) -> int | str:
    """Return the microseconds since 1970 of a stamp as `ralph.core.clock.stamp` writes it; any other text unchanged."""
    if len(at) != _LENGTH or at[-1] != "Z":
        return at
    try:
        micros = (datetime.fromisoformat(at) - _EPOCH) // _MICROSECOND
    except (ValueError, TypeError):
        return at
    return micros if micros >= 0 and read_at(micros) == at else at


def read_at(stored: int | str) -> str:
    """Return the stamp that `store_at` was given."""
    if type(stored) is not int:
        return str(stored)
    moment = _EPOCH + timedelta(microseconds=stored)
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


def store_ms(ms: float) -> int | float:
    """Return milliseconds as whole microseconds; a value that these cannot express is returned unchanged."""
    if not 0.0 <= ms < _LONGEST:
        return float(ms)
    micros = round(ms * 1000)
    return micros if micros / 1000 == ms else float(ms)


def read_ms(stored: int | float) -> float:
    """Return the milliseconds that `store_ms` was given."""
    return stored / 1000 if type(stored) is int else stored
