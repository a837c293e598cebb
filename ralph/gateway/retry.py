"""Retries: which failures, after how long, and never after text was shown or a tool was started."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from functools import partial

from ralph.config.settings import RetrySettings
from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.llm.request import Answer, Item, Piece
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall, Recorder
from ralph.gateway.given_up import GivenUp
from ralph.gateway.patience import Patiences, Stretch
from ralph.gateway.reattempt import NextTry, reattempt
from ralph.gateway.waits import time_wait

# A timeout is retried only once: each timeout costs the whole time of its clock.
TIMES = {
    Kind.RATE_LIMIT: None, Kind.OVERLOADED: None, Kind.SERVER: None, Kind.NETWORK: None, Kind.TRUNCATED: None,
    Kind.TIMEOUT: 2,
}  # fmt: skip


def wait_before(failure: Failure, tried: int, elapsed_s: float, settings: RetrySettings, chance: float) -> float | None:
    """Return the seconds before the next try, or None for no further try. `chance` (0 to 1) spreads the clients.

    `tried` counts the attempts so far; `elapsed_s` is the time that the whole turn has waited. The wait is never
    shorter than the provider asks for, and is None if that exceeds the deadline.
    """
    if failure.adapted:
        return 0.0 if tried == 1 else None
    if failure.kind not in TIMES or isinstance(failure, NotSent) or failure.lasting:
        return None
    allowed = min(settings.max_attempts, TIMES[failure.kind] or settings.max_attempts)
    if tried >= allowed:
        return None
    backoff = min(settings.max_s, settings.base_s * 2 ** (tried - 1)) * (0.5 + chance / 2)
    wished = failure.retry_after_s
    wait = max(backoff, wished) if wished is not None else backoff
    return wait if elapsed_s + wait <= settings.deadline_s else None


class Retry:
    """Tries the same model again, as long as none of the answer was shown and the answer started no tool."""

    def __init__(
        self,
        inner: Gateway,
        settings: RetrySettings,
        clock: Clock,
        chance: Callable[[], float] = random.random,
        patiences: Patiences | None = None,
    ) -> None:
        self._inner = inner
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._patiences = patiences or Patiences(clock, settings.deadline_s)
        self._given_up = GivenUp()

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        self._given_up.check(call)
        with self._patiences.waiting(call.recorder) as stretch:
            tries = _Tries(
                call, stretch, self._measure_spent_s, self._settings, self._clock, self._chance, self._given_up
            )
            async with aclosing(reattempt(self._inner.stream, call, tries)) as items:
                async for item in items:
                    yield item

    def _measure_spent_s(self, recorder: Recorder) -> float:
        return self._patiences.of(recorder).spent_s


class _Tries:
    """The tries of one call, and its share of the turn's waiting."""

    def __init__(
        self,
        call: ModelCall,
        stretch: Stretch,
        spent_s: Callable[[Recorder], float],
        settings: RetrySettings,
        clock: Clock,
        chance: Callable[[], float],
        given_up: GivenUp,
    ) -> None:
        self._call = call
        self._given_up = given_up
        self._stretch = stretch
        self._spent_s = spent_s
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._tried = 0

    def observe(self, item: Item) -> None:
        """Stop the waiting at the first words."""
        if isinstance(item, Piece | Answer):
            self._stretch.stop()

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        self._stretch.start()
        self._tried += 1
        spent = self._spent_s(self._call.recorder)
        wait = wait_before(failure, self._tried, spent, self._settings, self._chance())
        if self._call.request.speculative and not failure.adapted:
            raise failure  # only a guess; whoever still needs the answer asks again, once the route has decided
        if wait is None or shown:
            told = _with_reason(failure, spent, self._settings)
            self._given_up.add(self._call, told)
            raise told from None
        if not wait:
            return NextTry(self._call)
        until = stamp(self._clock.now() + timedelta(seconds=wait))
        event = ev.AttemptWaiting(self._call.scope.block, "retry", until=until)
        return NextTry(self._call, event, partial(self._pause, wait))

    async def _pause(self, seconds: float) -> None:
        with time_wait(self._call.scope, "retry", self._clock):
            await self._clock.sleep(seconds)


def _with_reason(failure: Failure, spent_s: float, settings: RetrySettings) -> Failure:
    """Add the reason to the sentence if a provider asks for a longer wait than the turn has left."""
    wished = failure.retry_after_s or 0.0
    late = wished >= 1 and spent_s + wished > settings.deadline_s
    if not late or failure.kind not in TIMES:
        return failure
    why = f"which is beyond retry.deadline_s ({settings.deadline_s:g} s for all waits of a turn)"
    return failure.reword(f"{failure.message}, {why}")
