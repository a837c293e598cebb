"""Only what may be tried again is, only before anything was seen, within attempts and deadline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.config.settings import RetrySettings
from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure
from ralph.core.llm.request import Answer, Piece, Request, Restart
from ralph.core.log.recording import ModelCall
from ralph.gateway.retry import Retry, wait_before
from tests.frozen import FrozenClock
from tests.gateway.doubles import REF, REQUEST, Here, Notebook, Steps, collect

RETRYABLE = {Kind.RATE_LIMIT, Kind.OVERLOADED, Kind.SERVER, Kind.NETWORK, Kind.TRUNCATED, Kind.TIMEOUT}


def failing(kind: Kind, after_s: float | None = None) -> ProviderFailure:
    return ProviderFailure(kind, "it failed", retry_after_s=after_s)


@pytest.mark.parametrize("kind", list(Kind))
async def test_each_kind_is_tried_as_often_as_it_may_be(kind: Kind) -> None:
    inner, notebook = Steps(failing(kind)), Notebook()
    with pytest.raises(Failure):
        await collect(Retry(inner, RetrySettings(), FrozenClock()), notebook)
    assert len(inner.asked) == (2 if kind is Kind.TIMEOUT else 3 if kind in RETRYABLE else 1)
    assert notebook.waits == ["retry"] * (len(inner.asked) - 1)


async def test_what_was_not_sent_is_not_tried_again() -> None:
    inner = Steps(NotSent(Kind.NETWORK, "the breaker is open"))
    with pytest.raises(NotSent):
        await collect(Retry(inner, RetrySettings(), FrozenClock()), Notebook())
    assert len(inner.asked) == 1


async def test_text_that_was_seen_is_never_asked_for_twice() -> None:
    inner = Steps(("Some words", failing(Kind.NETWORK)), "never")
    gateway = Retry(inner, RetrySettings(), FrozenClock())
    seen: list[object] = []

    async def read() -> None:
        async for item in gateway.stream(ModelCall(REF, REQUEST, Here(), Notebook())):
            seen.append(item)

    with pytest.raises(Failure):
        await read()
    assert seen == [Piece("text", "Some words")]
    assert len(inner.asked) == 1


async def test_a_step_that_nobody_reads_begins_again_whole() -> None:
    inner = Steps(('{"tools"', failing(Kind.NETWORK)), "whole")
    gateway, request = Retry(inner, RetrySettings(), FrozenClock()), Request("m", (), role="route")
    items = await collect(gateway, Notebook(), request=request)
    assert [type(i) for i in items] == [Piece, Restart, Piece, Answer]


async def test_the_providers_wish_is_honoured_within_the_deadline() -> None:
    clock = FrozenClock()
    await collect(Retry(Steps(failing(Kind.RATE_LIMIT, 7.0), "ok"), RetrySettings(), clock), Notebook())
    assert clock.passed == 7.0
    inner = Steps(failing(Kind.RATE_LIMIT, 3600.0), "ok")
    with pytest.raises(Failure):
        await collect(Retry(inner, RetrySettings(), clock), Notebook())
    assert len(inner.asked) == 1


@given(
    st.sampled_from(sorted(RETRYABLE)), st.integers(1, 9), st.floats(0, 200), st.floats(0, 1),
    st.none() | st.floats(0, 500),
)  # fmt: skip
def test_a_wait_keeps_every_bound(kind: Kind, tried: int, elapsed: float, chance: float, wish: float | None) -> None:
    settings = RetrySettings()
    wait = wait_before(failing(kind, wish), tried, elapsed, settings, chance)
    if wait is None:
        return
    assert tried < settings.max_attempts
    assert elapsed + wait <= settings.deadline_s
    assert wait >= (wish or 0)
    assert wait <= max(settings.max_s, wish or 0)
