"""The clocks of an answer: what counts as silence, and whose cancel it was."""

from __future__ import annotations

import asyncio

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import user
from ralph.core.llm.request import Piece, Request
from ralph.providers._timeouts import Expired, IdleTimeout
from tests.providers.conftest import Opener
from tests.providers.wires import COMPATIBLE, collect
from tests.wires.script import Reply
from tests.wires.server import Server

LONG = 3600.0
HELLO = Request("m", (user("hi"),))


async def test_the_first_piece_is_late() -> None:
    watch = IdleTimeout(0.01, LONG)
    with pytest.raises(Expired) as caught:
        await watch.wait(asyncio.Event().wait())
    assert (caught.value.seconds, caught.value.begun) == (0.01, False)
    watch.close()


async def test_what_is_no_piece_does_not_stop_the_first_clock() -> None:
    """Pings and comments come in time, the answer never."""
    watch = IdleTimeout(0.02, LONG)

    async def pings() -> None:
        while True:
            await watch.wait(asyncio.sleep(0.001))

    with pytest.raises(Expired):
        await pings()
    watch.close()


async def test_silence_after_the_first_piece() -> None:
    watch = IdleTimeout(LONG, 0.01)
    watch.begin()
    with pytest.raises(Expired) as caught:
        await watch.wait(asyncio.Event().wait())
    assert (caught.value.seconds, caught.value.begun) == (0.01, True)
    watch.close()


async def test_time_in_which_nobody_waits_is_not_silence() -> None:
    watch = IdleTimeout(LONG, 0.02)
    watch.begin()
    await watch.wait(asyncio.sleep(0))
    await asyncio.sleep(0.05)  # a slow reader; the timer fires and finds nobody waiting
    assert await watch.wait(asyncio.sleep(0, "still here")) == "still here"
    with pytest.raises(Expired):
        await watch.wait(asyncio.Event().wait())
    watch.close()


async def test_somebody_elses_cancel_stays_a_cancel() -> None:
    watch = IdleTimeout(LONG, LONG)
    task = asyncio.ensure_future(watch.wait(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    watch.close()


async def test_a_cancel_at_the_same_moment_wins() -> None:
    watch = IdleTimeout(0.01, LONG)
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(watch.wait(asyncio.Event().wait()))
    await asyncio.sleep(0)
    loop.call_at(watch._deadline, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    watch.close()


async def test_an_expired_clock_leaves_the_task_uncancelled() -> None:
    watch = IdleTimeout(0.01, LONG)
    with pytest.raises(Expired):
        await watch.wait(asyncio.Event().wait())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    watch.close()


async def test_keep_alives_without_an_answer(server: Server, connect: Opener) -> None:
    server.will(Reply(text="a", comments=True, delay=30))
    got = await collect(connect(COMPATIBLE, first_token_s=0.1, idle_s=0.01), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.text) == (Kind.TIMEOUT, "")
    assert "first_token_s" in got.failure.message


async def test_a_long_thought_before_the_first_piece_is_no_silence(server: Server, connect: Opener) -> None:
    """Between `created` and the first piece a reasoning model may say nothing for long; idle does not count there."""
    server.will(Reply(text="a", delay=0.1, writes="all"))
    got = await collect(connect(COMPATIBLE, first_token_s=LONG, idle_s=0.05), HELLO)
    assert [i for i in got.items if isinstance(i, Piece)] == [Piece("text", "a")]
    assert got.answer.stop_reason == "stop"
