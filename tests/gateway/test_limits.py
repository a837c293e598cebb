"""The minute holds at every moment, in order, and nobody starves."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.config.settings import LimitSettings
from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure, StoreFailure
from ralph.core.log.recording import ModelCall
from ralph.gateway.limits import WINDOW_S, RateLimit, Window
from tests.frozen import FrozenClock
from tests.gateway.doubles import REF, REQUEST, Here, Notebook, Steps, collect


def most_in_a_minute(times: list[float]) -> int:
    """The largest number that any sliding minute holds."""
    return max(sum(1 for t in times if start <= t < start + WINDOW_S) for start in times)


async def test_a_thousand_streams_keep_to_six_hundred_a_minute() -> None:
    clock, began = FrozenClock(), []
    inner = Steps("ok", tell=lambda _: began.append(clock.monotonic()))
    gateway = RateLimit(inner, {"anthropic": LimitSettings(requests_per_minute=600)}, clock)
    await asyncio.gather(*[collect(gateway, Notebook()) for _ in range(1000)])
    assert len(began) == 1000
    assert all(a <= b for a, b in pairwise(began))
    assert most_in_a_minute(began) == 600
    assert began[-1] == WINDOW_S


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 1500)), min_size=1, max_size=60),
    st.integers(1, 20),
    st.integers(100, 1000),
)
def test_no_minute_holds_too_much(asks: list[tuple[float, int]], requests: int, tokens: int) -> None:
    clock, window_log = FrozenClock(), []

    async def run() -> None:
        window = Window(LimitSettings(requests, tokens), clock)
        for pause, size in asks:
            clock.advance(pause)
            await window.enter(size, lambda _: None)
            window_log.append((clock.monotonic(), size))

    asyncio.run(run())
    for start, _ in window_log:
        inside = [size for at, size in window_log if start <= at < start + WINDOW_S]
        assert len(inside) <= requests
        assert sum(inside) <= tokens or len(inside) == 1


async def test_those_who_wait_go_in_the_order_in_which_they_came() -> None:
    clock, order = FrozenClock(), []
    window = Window(LimitSettings(requests_per_minute=2), clock)

    async def ask(name: int) -> None:
        await window.enter(1, lambda _: None)
        order.append(name)

    await asyncio.gather(*[ask(n) for n in range(50)])
    assert order == list(range(50))


async def test_a_wait_is_shown_and_a_429_pauses_everyone() -> None:
    clock, notebook = FrozenClock(), Notebook()
    inner = Steps(ProviderFailure(Kind.RATE_LIMIT, "enough", rejected=True, retry_after_s=9.0), "ok")
    gateway = RateLimit(inner, {}, clock)
    try:
        await collect(gateway, notebook)
    except ProviderFailure:
        await collect(gateway, notebook)
    assert clock.passed == 9.0
    assert notebook.waits == ["limited"]


@pytest.mark.parametrize(
    ("failure", "waited"),
    [
        (ProviderFailure(Kind.SERVER, "no", rejected=True), 0.0),
        (NotSent(Kind.NO_KEY, "no key"), 0.0),
        (StoreFailure("a full disk"), 0.0),
        (ProviderFailure(Kind.TRUNCATED, "cut"), WINDOW_S),
        (Failure(Kind.BUDGET, "the cap is met"), WINDOW_S),
    ],
)
async def test_only_what_was_not_billed_gives_its_room_back(failure: Failure, waited: float) -> None:
    clock = FrozenClock()
    gateway = RateLimit(Steps(failure, "ok"), {"anthropic": LimitSettings(tokens_per_minute=300)}, clock)
    with pytest.raises(Failure):
        await collect(gateway, Notebook())
    await collect(gateway, Notebook())
    assert clock.passed == waited


async def test_what_was_waited_is_left_for_the_attempt() -> None:
    clock, here = FrozenClock(), Here()
    gateway = RateLimit(Steps("ok"), {"anthropic": LimitSettings(requests_per_minute=1)}, clock)
    await collect(gateway, Notebook())
    [_ async for _ in gateway.stream(ModelCall(REF, REQUEST, here, Notebook()))]
    assert here.waited == {"limited": WINDOW_S * 1000}


async def test_one_that_is_larger_than_the_limit_goes_alone() -> None:
    clock = FrozenClock()
    window = Window(LimitSettings(tokens_per_minute=100), clock)
    await window.enter(50, lambda _: None)
    await window.enter(5000, lambda _: None)
    assert clock.passed == WINDOW_S
