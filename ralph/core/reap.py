"""Ending tasks of one's own for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any


async def reap(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what still runs and wait for it, also when cancelled again meanwhile; that cancel then goes on."""
    again: asyncio.CancelledError | None = None
    for task in tasks:
        task.cancel()
    while any(not t.done() for t in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            again = error
    for task in tasks:
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of it
    if again:
        raise again
