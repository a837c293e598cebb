"""Running a coroutine inside an open workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ralph.assembly import Flags, LocalWorkspace, workspace


def in_workspace(flags: Flags, work: Callable[[LocalWorkspace], Coroutine[Any, Any, int]]) -> int:
    """The exit code of the work; the workspace is closed whatever becomes of it. Raises `Failure`."""

    async def inside() -> int:
        async with workspace(flags) as space:
            return await work(space)

    return asyncio.run(inside())
