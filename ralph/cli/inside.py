"""Runs a coroutine inside an open workspace."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.cli import clean_output
from ralph.core import background
from ralph.core.errors import Failure
from ralph.headless.signals import Signals


def freeze_objects() -> None:
    """Exclude all loaded objects from garbage collection; only new objects are examined from here on."""
    gc.freeze()
    gc.enable()


def _tell_mistake(words: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(f"ralph: {words}; the log has the rest", file=sys.stderr)


def _tell(sentences: Iterable[str], but: str = "") -> None:
    """Print the notices of the database, each on one line, except one that the failure already says."""
    for sentence in sentences:
        if sentence not in but:
            print(f"ralph: {sentence}", file=sys.stderr)


def in_workspace(
    flags: Flags,
    work: Callable[[LocalWorkspace], Coroutine[Any, Any, int]],
    signals: Signals,
    *,
    warm: bool = False,
    loads: bool = False,
) -> int:
    """Return the exit code of the work; the workspace is closed in any case. Raises `Failure`.

    Signals that no code has claimed cancel the work and raise `Stopped`.

    `warm` loads what the first request needs while other parts start. Work with `loads` calls `freeze_objects` itself.
    """

    async def inside() -> int:
        background.watch_loop(_tell_mistake)
        task = asyncio.current_task()
        with signals.watching(asyncio.get_running_loop(), lambda: task and task.cancel()):
            async with workspace(flags, secrets=clean_output.guard()) as space:
                if warm:
                    space.machine.warm(connect=False).add_done_callback(lambda _: freeze_objects())
                elif not loads:
                    freeze_objects()
                try:
                    code = await work(space)
                except Failure as failure:
                    _tell(space.notices, but=failure.message)
                    raise
                _tell(space.notices)
                return code

    try:
        return asyncio.run(inside())
    except asyncio.CancelledError:
        raise signals.failure() from None
