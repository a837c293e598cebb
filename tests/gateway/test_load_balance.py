"""A pool's requests go where there is room, in turn, and on to the next member where one fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.config.settings import LimitSettings, RetrySettings
from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure
from ralph.core.llm.refs import ModelRef, pool_refs
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log.recording import ModelCall
from ralph.gateway.breaker import OPEN_S, THRESHOLD, CircuitBreaker
from ralph.gateway.limits import RateLimit
from ralph.gateway.load_balance import LoadBalancer
from ralph.gateway.retry import Retry
from tests.frozen import FrozenClock
from tests.gateway.doubles import REQUEST, Notebook, Steps, collect

A, B, C = (ModelRef(name, "m") for name in "abc")
POOL = pool_refs("fast", (A, B, C))


def always(ref: ModelRef) -> bool:
    return True


def never(ref: ModelRef, request: Request = REQUEST) -> bool:
    return False


def fail(kind: Kind = Kind.RATE_LIMIT, **more: float) -> ProviderFailure:
    return ProviderFailure(kind, f"{kind} happened", rejected=True, **more)  # type: ignore[arg-type]


class Servers:
    """Each model with its own steps; what it was asked, and how many at once."""

    def __init__(self, **steps: Steps) -> None:
        self.steps = steps
        self.asked: list[str] = []
        self.open: Counter[str] = Counter()
        self.gate: asyncio.Event | None = None

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        member = call.ref.provider
        self.asked.append(member)
        self.open[member] += 1
        try:
            if self.gate:
                await self.gate.wait()
            async for item in self.steps.get(member, Steps("ok")).stream(call):
                yield item
        finally:
            self.open[member] -= 1


async def test_equal_members_take_turns() -> None:
    servers = Servers()
    gateway = LoadBalancer(servers, always, never)
    for _ in range(7):
        await collect(gateway, Notebook(), POOL)
    assert "".join(servers.asked) == "abcabca"


async def test_the_fewest_in_flight_comes_first_also_those_asked_by_name() -> None:
    servers = Servers()
    servers.gate = asyncio.Event()
    gateway = LoadBalancer(servers, always, never)
    tasks = []
    for ref in (A, A, B, POOL, POOL, POOL):
        tasks.append(asyncio.create_task(collect(gateway, Notebook(), ref)))
        await asyncio.sleep(0)
    assert servers.open == {"a": 2, "b": 2, "c": 2}
    servers.gate.set()
    await asyncio.gather(*tasks)
    assert set(servers.open.values()) == {0}


async def test_a_request_that_is_stopped_is_in_flight_no_more() -> None:
    servers = Servers()
    servers.gate = asyncio.Event()
    gateway = LoadBalancer(servers, always, never)
    task = asyncio.create_task(collect(gateway, Notebook(), A))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    servers.gate = None
    assert gateway.pick((B, A), REQUEST) == B
    await collect(gateway, Notebook(), B)
    assert gateway.pick((A, B), REQUEST) == A


@pytest.mark.parametrize(
    ("shut", "waiting", "picked"),
    [("", "", A), ("a", "", B), ("", "a", B), ("ab", "c", C), ("b", "ac", A), ("abc", "", A), ("abc", "ab", C)],
)
def test_an_open_circuit_is_worse_than_a_wait(shut: str, waiting: str, picked: ModelRef) -> None:
    gateway = LoadBalancer(Steps("ok"), lambda r: r.provider not in shut, lambda r, _: r.provider in waiting)
    assert gateway.pick(POOL.each, REQUEST) == picked


async def test_a_failure_goes_on_to_the_next_and_says_so() -> None:
    servers, notebook = Servers(a=Steps(fail(Kind.QUOTA))), Notebook()
    items = await collect(LoadBalancer(servers, always, never), notebook, POOL)
    assert "".join(servers.asked) == "ab"
    assert isinstance(items[-1], Answer)
    assert notebook.notes == ["rotate"]


@pytest.mark.parametrize("kind", [Kind.BAD_REQUEST, Kind.BUDGET, Kind.REFUSAL, Kind.CONTEXT_LENGTH])
async def test_what_no_other_would_do_better_is_not_asked_again(kind: Kind) -> None:
    servers = Servers(a=Steps(fail(kind)))
    with pytest.raises(Failure) as caught:
        await collect(LoadBalancer(servers, always, never), Notebook(), POOL)
    assert (caught.value.kind, servers.asked) == (kind, ["a"])


async def test_after_text_was_seen_the_answer_stays_with_its_model() -> None:
    cut = fail(Kind.TRUNCATED)
    servers = Servers(a=Steps(fail()), b=Steps(("half an ", cut)))
    with pytest.raises(Failure) as caught:
        await collect(LoadBalancer(servers, always, never), Notebook(), POOL)
    assert (caught.value, servers.asked) == (cut, ["a", "b"])


async def test_a_decision_that_was_cut_begins_again_elsewhere() -> None:
    servers = Servers(a=Steps(('{"too', fail(Kind.TRUNCATED))))
    items = await collect(LoadBalancer(servers, always, never), Notebook(), POOL, Request("m", (), "route"))
    assert [type(i) for i in items] == [Piece, Restart, Piece, Answer]


async def test_what_one_member_learnt_it_is_asked_with() -> None:
    """A refused parameter is left out by that member's adapter; the others know nothing of it."""
    learnt = fail(Kind.BAD_REQUEST)
    learnt.adapted = True
    servers = Servers(a=Steps(learnt, "ok"))
    await collect(LoadBalancer(servers, always, never), Notebook(), POOL)
    assert servers.asked == ["a", "a"]
    stubborn = Servers(a=Steps(learnt))
    with pytest.raises(Failure):
        await collect(LoadBalancer(stubborn, always, never), Notebook(), POOL)
    assert stubborn.asked == ["a", "a"]


async def test_retry_hears_of_the_member_that_is_free_soonest() -> None:
    servers = Servers(a=Steps(fail(retry_after_s=9.0)), b=Steps(fail(retry_after_s=2.0)), c=Steps(fail(Kind.AUTH)))
    with pytest.raises(ProviderFailure) as caught:
        await collect(LoadBalancer(servers, always, never), Notebook(), POOL)
    assert (caught.value.kind, caught.value.retry_after_s) == (Kind.RATE_LIMIT, 2.0)


async def test_one_that_was_named_alone_is_asked_alone() -> None:
    failure = fail()
    servers = Servers(a=Steps(failure))
    with pytest.raises(Failure) as caught:
        await collect(LoadBalancer(servers, always, never), Notebook(), A)
    assert (caught.value, servers.asked) == (failure, ["a"])


def whole(servers: Servers, clock: FrozenClock, limits: dict[str, LimitSettings]) -> Retry:
    """As `compose` puts it together."""
    limited = RateLimit(servers, limits, clock)
    breaker = CircuitBreaker(limited, clock)
    return Retry(LoadBalancer(breaker, breaker.admits, limited.waits), RetrySettings(), clock, lambda: 1.0)


async def test_a_second_key_spares_the_wait() -> None:
    servers, clock = Servers(a=Steps(fail(retry_after_s=30.0))), FrozenClock()
    gateway = whole(servers, clock, {})
    for _ in range(4):
        await collect(gateway, Notebook(), POOL)
    assert "".join(servers.asked) == "abcbc"
    assert clock.passed == 0


async def test_only_when_every_member_failed_is_there_a_wait() -> None:
    servers, clock = Servers(a=Steps(fail(), "ok"), b=Steps(fail(), "ok"), c=Steps(fail(), "ok")), FrozenClock()
    notebook = Notebook()
    await collect(whole(servers, clock, {}), notebook, POOL)
    assert "".join(servers.asked[:3]) == "abc"
    assert len(servers.asked) == 4
    assert notebook.waits[0] == "retry"
    assert clock.passed > 0


async def test_a_full_minute_sends_the_next_elsewhere() -> None:
    servers, clock = Servers(), FrozenClock()
    gateway = whole(
        servers, clock, {"a": LimitSettings(requests_per_minute=1), "b": LimitSettings(requests_per_minute=2)}
    )
    for _ in range(6):
        await collect(gateway, Notebook(), POOL)
    assert Counter(servers.asked) == {"a": 1, "b": 2, "c": 3}
    assert clock.passed == 0


async def test_a_member_that_keeps_failing_is_left_alone_and_probed_later() -> None:
    servers, clock = Servers(a=Steps(*[fail(Kind.SERVER)] * THRESHOLD, "ok")), FrozenClock()
    gateway = whole(servers, clock, {})
    for _ in range(12):
        await collect(gateway, Notebook(), POOL)
    assert Counter(servers.asked)["a"] == THRESHOLD
    clock.advance(OPEN_S)
    for _ in range(3):
        await collect(gateway, Notebook(), POOL)
    assert Counter(servers.asked)["a"] == THRESHOLD + 1


async def test_with_every_circuit_open_nothing_is_sent_and_one_note_says_why() -> None:
    servers, clock, notebook = Servers(**{n: Steps(fail(Kind.SERVER)) for n in "abc"}), FrozenClock(), Notebook()
    gateway = whole(servers, clock, {})
    while len(servers.asked) < 3 * THRESHOLD:
        with pytest.raises(Failure):
            await collect(gateway, Notebook(), POOL)
    with pytest.raises(NotSent):
        await collect(gateway, notebook, POOL)
    assert len(servers.asked) == 3 * THRESHOLD
    assert notebook.notes == ["breaker"]


@given(st.lists(st.sampled_from(["ok", "429", "500"]), min_size=3, max_size=3), st.integers(1, 12))
def test_a_pool_answers_as_long_as_one_member_does(ends: Sequence[str], times: int) -> None:
    steps = {"ok": "ok", "429": fail(), "500": fail(Kind.SERVER)}
    servers = Servers(**{name: Steps(steps[end]) for name, end in zip("abc", ends, strict=True)})

    async def run() -> list[object]:
        gateway = whole(servers, FrozenClock(), {})
        asking = [collect(gateway, Notebook(), POOL) for _ in range(times)]
        return list(await asyncio.gather(*asking, return_exceptions=True))

    answered = [isinstance(r, list) for r in asyncio.run(run())]
    assert all(answered) if "ok" in ends else not any(answered)
    assert set(servers.open.values()) == {0}
