"""The one clock of a turn: it runs while somebody waits, stands still while an answer streams, and counts once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from ralph.config.settings import LimitSettings, RetrySettings
from ralph.core.errors import Kind, NotSent, ProviderFailure
from ralph.core.llm.messages import Content
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece
from ralph.core.log.recording import ModelCall
from ralph.gateway.limits import RateLimit, TooLate, Window
from ralph.gateway.patience import Patiences
from ralph.gateway.retry import Retry
from tests.frozen import FrozenClock
from tests.gateway.doubles import REF, Notebook, Steps, collect


def test_two_who_wait_at_once_count_once() -> None:
    clock = FrozenClock()
    patiences, notebook = Patiences(clock, 120.0), Notebook()
    with patiences.waiting(notebook) as one:
        clock.advance(3)
        with patiences.waiting(notebook):
            clock.advance(4)
            one.stop()
            one.stop()
            clock.advance(5)
    clock.advance(100)
    assert patiences.of(notebook).spent_s == 12
    assert patiences.of(notebook).left_s == 108


def test_each_turn_has_its_own() -> None:
    clock, notebook = FrozenClock(), Notebook()
    patiences = Patiences(clock, 120.0)
    for turn in (1, 2, 0, 0):
        notebook.turn = turn
        assert patiences.of(notebook).spent_s == 0
        with patiences.waiting(notebook):
            clock.advance(7)
            assert patiences.of(notebook).spent_s == 7


class Streaming:
    """Answers, or fails, after a stretch without words; the words take their time too."""

    def __init__(self, clock: FrozenClock, *fails: bool) -> None:
        self.fails = list(fails)
        self.asked = 0
        self._clock = clock

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        self.asked += 1
        self._clock.advance(5)
        if self.fails.pop(0):
            raise ProviderFailure(Kind.OVERLOADED, "not now", retry_after_s=3.0)
        yield Piece("text", "words")
        self._clock.advance(1000)
        yield Answer("stop", Content(()))


async def test_a_long_answer_uses_up_nothing() -> None:
    clock, notebook = FrozenClock(), Notebook()
    inner = Streaming(clock, False, True, False, True, True)
    gateway = Retry(inner, RetrySettings(deadline_s=30), clock)
    await collect(gateway, notebook)
    await collect(gateway, notebook)  # 5 + 5 + 3 + 5 s of waiting so far
    with pytest.raises(ProviderFailure) as caught:
        await collect(gateway, notebook)  # 5 more, then 3, then 5: the wish after it is beyond the deadline
    assert inner.asked == 5
    assert "beyond retry.deadline_s (30 s" in caught.value.message


async def test_what_would_end_the_same_way_is_not_tried_again() -> None:
    failure = ProviderFailure(Kind.NETWORK, "no trust", rejected=True)
    failure.lasting = True
    inner = Steps(failure)
    with pytest.raises(ProviderFailure):
        await collect(Retry(inner, RetrySettings(), FrozenClock()), Notebook())
    assert len(inner.asked) == 1


async def test_who_stands_too_far_back_is_told_at_once() -> None:
    clock = FrozenClock()
    window = Window(LimitSettings(requests_per_minute=1), clock)
    waits: list[float] = []

    async def enter() -> float:
        await window.enter(1, waits.append, 100.0)
        return clock.monotonic()

    results = await asyncio.gather(*(enter() for _ in range(5)), return_exceptions=True)
    assert results[:3] == [0, 60, 120]
    assert [type(r) for r in results[3:]] == [TooLate, TooLate]
    assert waits.count(60.0) >= 2


async def test_a_long_pause_is_of_the_model_that_asked_for_it() -> None:
    clock, notebook = FrozenClock(), Notebook()
    inner = Steps(ProviderFailure(Kind.RATE_LIMIT, "enough", rejected=True, retry_after_s=3600.0), "ok")
    gateway = RateLimit(inner, {}, clock)
    with pytest.raises(ProviderFailure):
        await collect(gateway, notebook)
    with pytest.raises(NotSent) as caught:
        await collect(gateway, notebook)
    assert "asked for a pause of 60 min, until " in caught.value.message
    assert notebook.notes == ["rate_limit"]
    await collect(gateway, notebook, ref=ModelRef(REF.provider, "another"))
    assert (len(inner.asked), clock.passed) == (2, 0.0)
