"""Trying again: which failures, after how long, and never after anything was shown or done."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

from ralph.config.settings import RetrySettings
from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log import events as ev
from ralph.core.log.recording import AttemptScope, Gateway, Recorder
from ralph.gateway.patience import Patiences, Stretch

# A timeout is tried once more only: each costs the whole patience of the clock that ran out.
TIMES = {
    Kind.RATE_LIMIT: None, Kind.OVERLOADED: None, Kind.SERVER: None, Kind.NETWORK: None, Kind.TRUNCATED: None,
    Kind.TIMEOUT: 2,
}  # fmt: skip


def wait_before(failure: Failure, tried: int, elapsed_s: float, settings: RetrySettings, chance: float) -> float | None:
    """Seconds to wait before the next try, or None for no further try. `chance` (0 to 1) spreads the herd.

    `tried` counts the attempts so far, `elapsed_s` what the whole turn has waited. The provider's own wish is honoured
    where the deadline allows it, and never undercut.
    """
    if getattr(failure, "adapted", False):
        return 0.0 if tried == 1 else None
    if failure.kind not in TIMES or isinstance(failure, NotSent) or getattr(failure, "lasting", False):
        return None
    allowed = min(settings.max_attempts, TIMES[failure.kind] or settings.max_attempts)
    if tried >= allowed:
        return None
    backoff = min(settings.max_s, settings.base_s * 2 ** (tried - 1)) * (0.5 + chance / 2)
    wished = getattr(failure, "retry_after_s", None)
    wait = max(backoff, wished) if wished is not None else backoff
    return wait if elapsed_s + wait <= settings.deadline_s else None


class Retry:
    """Tries the same model again, as long as nothing of the answer was seen and no tool was started by it."""

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

    async def stream(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        with self._patiences.waiting(recorder) as stretch:
            async with aclosing(self._tries(ref, request, place, recorder, stretch)) as items:
                async for item in items:
                    yield item

    async def _tries(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder, stretch: Stretch
    ) -> AsyncGenerator[Item, None]:
        tried = 0
        while True:
            tried += 1
            came = False
            try:
                async with aclosing(self._inner.stream(ref, request, place, recorder)) as items:
                    async for item in items:
                        if not came and isinstance(item, Piece | Answer):
                            came = True
                            stretch.stop()
                        yield item
                return
            except Failure as failure:
                stretch.start()
                spent = self._patiences.of(recorder).spent_s
                wait = wait_before(failure, tried, spent, self._settings, self._chance())
                if wait is None or (came and request.role == "format"):
                    raise _with_reason(failure, spent, self._settings) from None
                if came:
                    yield Restart()
                if not wait:
                    continue
                until = stamp(self._clock.now() + timedelta(seconds=wait))
                recorder.emit(ev.AttemptWaiting(place.block, "retry", until=until))
                place.waited["retry"] = round(wait * 1000, 3)
                await self._clock.sleep(wait)


def _with_reason(failure: Failure, spent_s: float, settings: RetrySettings) -> Failure:
    """Where a provider asks for more time than the turn has, the sentence says that this is why nobody waited."""
    wished = getattr(failure, "retry_after_s", None) or 0.0
    late = wished >= 1 and spent_s + wished > settings.deadline_s
    if late and failure.kind in TIMES:
        failure.message += f", which is beyond retry.deadline_s ({settings.deadline_s:g} s for all waits of a turn)"
        failure.args = (failure.message,)
    return failure
