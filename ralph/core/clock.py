"""Time and ids as things that are handed in, so that tests can freeze them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol

# Digits and letters without i, l, o, u: nothing that is misread, nothing that spells.
ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 10


class Clock(Protocol):
    """Wall time for people, monotonic time for durations."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
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
    """A new timeline id: ten letters, 50 bits."""
    from random import SystemRandom  # what `secrets` uses, without the 5 ms in which it loads OpenSSL

    choice = SystemRandom().choice
    return "".join(choice(ID_LETTERS) for _ in range(ID_LENGTH))


def stamp(moment: datetime) -> str:
    """`2026-11-20T14:02:11.123456Z`: always microseconds, always UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(at: str) -> str:
    """A stamp as people read it here: `2026-11-20 15:02:11`. What is no stamp, in a damaged row, stays as it is."""
    try:
        return moment(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return at


def moment(text: str) -> datetime:
    """The reverse of `stamp`."""
    return datetime.fromisoformat(text)
