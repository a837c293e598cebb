"""Background work: ralph keeps a reference to it while it runs, and notices how it ends.

asyncio keeps no strong reference to a task, and reports its exception only when the task is collected, which may be
never. So every task and every thread job is started here: a failure is logged at once, and passed to the code that must
act on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from ralph.core.errors import Failure

T = TypeVar("T")
# Receives None after a normal end; a cancel is reported too.
Ended = Callable[[BaseException | None], None]

log = logging.getLogger("ralph.background")

# All running work. asyncio itself holds only weak references.
_RUNNING: set[asyncio.Future[Any]] = set()


def start(work: Coroutine[Any, Any, T], name: str, ended: Ended | None = None) -> asyncio.Task[T]:
    """Start a task. Without `ended` the caller must await the task, or be able to do without its result."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _watch(task, name, ended)
    return task


def in_thread(work: Callable[[], T], name: str, ended: Ended | None = None) -> Awaitable[T]:
    """Start a job in a thread of the loop's pool. The thread continues after a cancel."""
    job = asyncio.get_running_loop().run_in_executor(None, work)
    _watch(job, name, ended)
    return job


def watch_loop(tell: Callable[[str], None] | None = None) -> None:
    """Log callbacks and timers of the running loop that raise, and report each in one sentence.

    asyncio would print a traceback. `tell` must not raise.
    """

    def report_failure(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("%s", context.get("message"), exc_info=error)
        if tell:
            tell(f"ralph hit a bug: {error!r}" if error else str(context.get("message")))

    asyncio.get_running_loop().set_exception_handler(report_failure)


def _watch(future: asyncio.Future[Any], name: str, ended: Ended | None) -> None:
    _RUNNING.add(future)

    def over(done: asyncio.Future[Any]) -> None:
        _RUNNING.discard(done)
        error = asyncio.CancelledError() if done.cancelled() else done.exception()
        if isinstance(error, Failure):
            log.info("%s ended: %s: %s", name, error.kind, error.message)
        elif error is not None and not isinstance(error, asyncio.CancelledError):
            log.error("%s met a mistake in ralph", name, exc_info=error)
        if ended:
            ended(error)

    future.add_done_callback(over)


async def cancel_and_wait(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel the tasks that still run and wait until all have ended. A cancel of the caller is raised after that."""
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
            task.exception()  # retrieved, so that asyncio does not warn about it
    if again:
        raise again
