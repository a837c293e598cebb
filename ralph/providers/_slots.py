"""How many requests a server on this machine answers at the same time, asked of the server itself."""

from __future__ import annotations

import asyncio
from typing import Any

from ralph.core import background
from ralph.core.errors import Failure
from ralph.providers._http import HttpTransport

# The server is on this machine: one that does not answer within this time is busy.
LONGEST_S = 0.3


class SlotCount:
    """Asks once. llama.cpp tells `total_slots` at `/props`, beside `/v1`; other servers know no such address."""

    def __init__(self, door: HttpTransport) -> None:
        self._door = door
        self._asking: asyncio.Task[int | None] | None = None

    async def read(self) -> int | None:
        """The number; None where the server does not tell."""
        if self._asking is None:
            self._asking = background.start(self._ask(), "the question for slots")
        return await asyncio.shield(self._asking)

    async def aclose(self) -> None:
        """Stop asking."""
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
