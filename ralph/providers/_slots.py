"""Asks a server on this machine how many requests it answers at the same time."""

from __future__ import annotations

import asyncio
from typing import Any

from ralph.core import background
from ralph.core.errors import Failure
from ralph.providers._http import HttpTransport

# The server is on this machine: if it does not answer within this time, it is busy.
LONGEST_S = 0.3


class SlotCount:
    """Asks once. llama.cpp reports `total_slots` at `/props`, beside `/v1`; other servers do not have this address."""

    def __init__(self, door: HttpTransport) -> None:
        self._door = door
        self._asking: asyncio.Task[int | None] | None = None

    async def read(self) -> int | None:
        """Return the number; None if the server does not report one."""
        if self._asking is None:
            self._asking = background.start(self._ask(), "the question for slots")
        return await asyncio.shield(self._asking)

    async def aclose(self) -> None:
        """Cancel the question."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask(self) -> int | None:
        try:
            async with asyncio.timeout(LONGEST_S):
                shown: Any = await self._door.ask("GET", "/props", root=True)
        except (Failure, TimeoutError):
            return None
        slots = shown.get("total_slots") if isinstance(shown, dict) else None
        return slots if isinstance(slots, int) and not isinstance(slots, bool) and 0 < slots < 10_000 else None
