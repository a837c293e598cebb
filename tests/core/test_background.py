"""Whatever ends in the background, somebody says so, and asyncio never has to."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref

import pytest

from ralph.core import background
from ralph.core.errors import Failure, Kind

DEATHS = [
    OverflowError("too large"),
    TypeError("no"),
    UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "bad"),
    MemoryError(),
]


class Complaints:
    """What asyncio says of what nobody looked at."""

    def __init__(self) -> None:
        self.said: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.said.append(context["message"]))


@pytest.mark.parametrize("death", DEATHS, ids=lambda e: type(e).__name__)
async def test_a_task_that_dies_is_logged_and_told_to_its_owner(
    death: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    complaints, told = Complaints(), []

    async def die() -> None:
        raise death

    background.start(die(), "the test's task", told.append)
    while not told:  # noqa: ASYNC110 - the callback comes by itself
        await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    assert told == [death]
    assert "the test's task met a mistake in ralph" in caplog.text
    assert complaints.said == []


async def test_a_job_of_a_thread_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    over = asyncio.Event()
    told: list[BaseException | None] = []

    def die() -> None:
        raise OSError("the folder went away")

    def ended(error: BaseException | None) -> None:
        told.append(error)
        over.set()

    background.in_thread(die, "the test's job", ended)
    await over.wait()
    assert isinstance(told[0], OSError)
    assert "the test's job met a mistake in ralph" in caplog.text


async def test_an_end_in_order_a_cancel_and_a_failure_are_no_mistakes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[BaseException | None] = []

    async def fine() -> int:
        return 7

    async def fail() -> None:
        raise Failure(Kind.SERVER, "the server broke")

    assert await background.start(fine(), "fine", told.append) == 7
    waiting = background.start(asyncio.sleep(60), "waits", told.append)
    waiting.cancel()
    await asyncio.wait([waiting, background.start(fail(), "fails", told.append)])
    await asyncio.sleep(0)
    assert told[0] is None
    assert {type(e) for e in told[1:]} == {asyncio.CancelledError, Failure}
    assert "mistake" not in caplog.text
    assert "fails ended: server: the server broke" in caplog.text


async def test_a_task_that_nobody_holds_is_not_collected() -> None:
    """asyncio itself has weak references only."""
    done: list[int] = []

    async def work() -> None:
        own = asyncio.get_running_loop().create_future()  # held by the task alone, and the task by it
        weak = weakref.ref(own)
        asyncio.get_running_loop().call_later(0.01, lambda: (held := weak()) and held.set_result(None))
        await own
        done.append(1)

    background.start(work(), "alone")
    await asyncio.sleep(0)
    gc.collect()
    async with asyncio.timeout(60):
        while not done:  # noqa: ASYNC110 - nobody holds anything to wait for
            await asyncio.sleep(0.005)


async def test_a_callback_of_the_loop_that_raises_is_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    background.watch_loop(told.append)

    def broken() -> None:
        raise ZeroDivisionError("by nothing")

    loop = asyncio.get_running_loop()
    loop.call_soon(broken)
    loop.call_later(0, broken)
    while len(told) < 2:  # noqa: ASYNC110 - the timer comes by itself
        await asyncio.sleep(0)
    assert told == ["ralph hit a bug: ZeroDivisionError('by nothing')"] * 2
    assert "ZeroDivisionError" in caplog.text
