"""Injected time and ids, so that tests can freeze them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol

# Digits and letters without i, l, o, u, so that no id is misread or forms a word.
ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 10


class Clock(Protocol):
    """The wall clock for people, and a monotonic clock for durations."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return perf_counter()

    async def sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)


Ids = Callable[[], str]


def random_id() -> str:
    """Return a new timeline id: ten letters, 50 bits."""
    from random import SystemRandom  # `secrets` uses the same, but needs 5 ms to load OpenSSL

    choice = SystemRandom().choice
    return "".join(choice(ID_LETTERS) for _ in range(ID_LENGTH))


def stamp(moment: datetime) -> str:
    """Return `2026-11-20T14:02:11.123456Z`: always with microseconds, always in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(at: str) -> str:
    """Return a stamp in local time: `2026-11-20 15:02:11`. An invalid stamp (of a damaged row) stays unchanged."""
    try:
        return moment(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return at


def moment(text: str) -> datetime:
    """Return the moment of a stamp; the reverse of `stamp`."""
    return datetime.fromisoformat(text)
