"""What counts as sent, and from when its time is taken."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from ralph.config.settings import Config
from ralph.core.errors import Kind, NotSent, ProviderFailure
from ralph.core.llm.messages import Content, TextPart
from ralph.core.llm.provider import Traits
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Report, Request
from ralph.core.llm.usage import Usage
from ralph.core.log import events as ev
from ralph.core.log.recording import ModelCall
from ralph.core.masking import Secrets
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.dispatch import Dispatch
from ralph.gateway.provider_settings import KnownProviders
from ralph.pricing import Prices
from tests.frozen import FrozenClock
from tests.gateway.doubles import REF, REQUEST, Here, Notebook


class Timed(Notebook):
    """A recorder whose time is the clock's."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__()
        self._clock = clock
        self.committed: list[int] = []

    async def commit(self) -> None:
        self.committed.append(len(self.events))

    def measure_ms(self) -> float:
        return self._clock.passed * 1000


class Slow:
    """A provider whose client takes 1.5 s to import, and whose server answers after 10 ms."""

    name, traits = "anthropic", Traits(free=True)

    def __init__(self, clock: FrozenClock, recorder: Timed, broken: bool = False) -> None:
        self.clock, self.recorder, self.broken = clock, recorder, broken
        self.sent = 0
        self._made = False

    async def ready(self) -> None:
        assert not self.recorder.committed, "nothing is committed before the client is there"
        if self.broken:
            raise ProviderFailure(Kind.CONFIG, "anthropic cannot be opened: a proxy of no kind", rejected=True)
        if not self._made:
            self.clock.advance(1.5)
            self._made = True

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        self.sent += 1
        self.clock.advance(0.01)
        yield Report(Usage(input=5, source="reported"))
        yield Piece("text", "hi")
        yield Answer("stop", Content((TextPart("hi"),)))


class Only:
    def __init__(self, provider: Slow) -> None:
        self.provider = provider
        self.known = KnownProviders(Config(), {})
        self.secrets = Secrets()

    async def get(self, ref: ModelRef) -> Slow:
        return self.provider

    def forget(self, name: str) -> None:
        """It lists nothing."""


async def asked(slow: Slow, clock: FrozenClock, place: Here, recorder: Timed) -> None:
    prices = Prices(Config().prices, ["anthropic"].__contains__)
    sending = Dispatch(Only(slow), prices, BudgetGuard(), clock)  # type: ignore[arg-type]
    async with aclosing(sending.stream(ModelCall(REF, REQUEST, place, recorder))) as items:
        async for _ in items:
            pass


async def test_a_client_is_there_before_its_attempt_and_no_part_of_its_time() -> None:
    clock = FrozenClock()
    recorder, place = Timed(clock), Here()
    slow = Slow(clock, recorder)
    await asked(slow, clock, place, recorder)
    (started,) = [n for n, e in enumerate(recorder.events) if isinstance(e, ev.AttemptStarted)]
    assert recorder.committed == [started + 1]
    (finish,) = place.attempts
    assert finish.ttft_ms == finish.duration_ms == pytest.approx(10.0)
    assert finish.phases == pytest.approx({"loading": 1500.0, "connect": 10.0, "first_token": 0.0, "decode": 0.0})
    recorder.committed.clear()
    await asked(slow, clock, place, recorder)
    assert "loading" not in place.attempts[-1].phases


async def test_a_client_that_cannot_be_made_sends_nothing_and_is_a_note() -> None:
    clock = FrozenClock()
    recorder, place = Timed(clock), Here()
    slow = Slow(clock, recorder, broken=True)
    with pytest.raises(NotSent, match="cannot be opened") as raised:
        await asked(slow, clock, place, recorder)
    assert raised.value.kind is Kind.CONFIG
    assert (slow.sent, place.attempts, recorder.notes) == (0, [], ["config"])
