"""A circuit opens after failures in a row, sends nothing while open, and closes after one good probe."""

from __future__ import annotations

import asyncio

import pytest

from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure
from ralph.core.llm.refs import ModelRef
from ralph.gateway.breaker import OPEN_S, THRESHOLD, TRIPS, CircuitBreaker
from tests.frozen import FrozenClock
from tests.gateway.doubles import REF, Notebook, Steps, collect

DOWN = ProviderFailure(Kind.NETWORK, "nobody there", rejected=True)


async def opened(clock: FrozenClock, *after: str) -> tuple[CircuitBreaker, Steps]:
    inner = Steps(*[DOWN] * THRESHOLD, *(after or (DOWN,)))
    breaker = CircuitBreaker(inner, clock)
    for _ in range(THRESHOLD):
        with pytest.raises(ProviderFailure):
            await collect(breaker, Notebook())
    return breaker, inner


@pytest.mark.parametrize("kind", list(Kind))
async def test_only_what_is_the_providers_fault_trips_it(kind: Kind) -> None:
    breaker = CircuitBreaker(Steps(ProviderFailure(kind, "it failed")), FrozenClock())
    for _ in range(THRESHOLD):
        with pytest.raises(Failure):
            await collect(breaker, Notebook())
    assert (REF in breaker.states()) is (kind in TRIPS)


async def test_an_open_circuit_sends_nothing_and_says_so() -> None:
    clock, notebook = FrozenClock(), Notebook()
    breaker, inner = await opened(clock)
    with pytest.raises(NotSent, match="is paused until"):
        await collect(breaker, notebook)
    assert (len(inner.asked), notebook.notes, breaker.states()) == (THRESHOLD, ["breaker"], {REF: "open"})


async def test_another_model_is_not_affected() -> None:
    breaker, _ = await opened(FrozenClock(), "ok")
    assert await collect(breaker, Notebook(), ModelRef("anthropic", "other"))


async def test_one_probe_goes_through_and_closes_it() -> None:
    clock = FrozenClock()
    breaker, inner = await opened(clock, "ok")
    clock.advance(OPEN_S)
    assert breaker.states() == {REF: "half-open"}
    results = await asyncio.gather(*[collect(breaker, Notebook()) for _ in range(5)], return_exceptions=True)
    assert sum(isinstance(r, NotSent) for r in results) == 4
    assert len(inner.asked) == THRESHOLD + 1
    assert breaker.states() == {}


async def test_a_failed_probe_opens_it_again() -> None:
    clock = FrozenClock()
    breaker, inner = await opened(clock)
    clock.advance(OPEN_S)
    with pytest.raises(ProviderFailure):
        await collect(breaker, Notebook())
    assert breaker.states() == {REF: "open"}
    with pytest.raises(NotSent):
        await collect(breaker, Notebook())
    assert len(inner.asked) == THRESHOLD + 1


async def test_a_success_forgets_the_failures() -> None:
    breaker = CircuitBreaker(Steps(DOWN, DOWN, "ok", DOWN, DOWN, "ok"), FrozenClock())
    for _ in range(6):
        await asyncio.gather(collect(breaker, Notebook()), return_exceptions=True)
    assert breaker.states() == {}
