"""Running a coroutine inside an open workspace."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from ralph.assembly.flags import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace


def loaded() -> None:
    """What is loaded stays; from here on only what is made anew is looked at."""
    gc.freeze()
    gc.enable()


def in_workspace(
    flags: Flags,
    work: Callable[[LocalWorkspace], Coroutine[Any, Any, int]],
    *,
    warm: bool = False,
    loads: bool = False,
) -> int:
    """The exit code of the work; the workspace is closed whatever becomes of it. Raises `Failure`.

    `warm` loads what the first request needs while the rest gets ready. Work that `loads` calls `loaded` itself.
    """

    async def inside() -> int:
        async with workspace(flags) as space:
            for sentence in space.told:
                print(f"ralph: {sentence}", file=sys.stderr)
            if warm:
                space.warm(connect=False).add_done_callback(lambda _: loaded())
            elif not loads:
                loaded()
            return await work(space)

    return asyncio.run(inside())
