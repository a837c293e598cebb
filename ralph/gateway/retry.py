"""Trying again: which failures, after how long, and never after anything was shown or done."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

from ralph.config.model import Retry
from ralph.core import events as ev
from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.provider import Answer, Item, Piece, Request, Restart
from ralph.core.recording import Gateway, Place, Recorder
from ralph.core.refs import ModelRef

# A timeout is tried once more only: each costs the whole patience of the clock that ran out.
TIMES = {
    Kind.RATE_LIMIT: None, Kind.OVERLOADED: None, Kind.SERVER: None, Kind.NETWORK: None, Kind.TRUNCATED: None,
    Kind.TIMEOUT: 2,
}  # fmt: skip


def wait_before(failure: Failure, tried: int, elapsed_s: float, settings: Retry, chance: float) -> float | None:
    """Seconds to wait before the next try, or None for no further try. `chance` (0 to 1) spreads the herd.

    `tried` counts the attempts so far. The provider's own wish is honoured where the deadline allows it, and never
    undercut.
    """
    if getattr(failure, "adapted", False):
        return 0.0 if tried == 1 else None
    if failure.kind not in TIMES or isinstance(failure, NotSent):
        return None
    allowed = min(settings.max_attempts, TIMES[failure.kind] or settings.max_attempts)
    if tried >= allowed:
        return None
    backoff = min(settings.max_s, settings.base_s * 2 ** (tried - 1)) * (0.5 + chance / 2)
    wished = getattr(failure, "retry_after_s", None)
    wait = max(backoff, wished) if wished is not None else backoff
    return wait if elapsed_s + wait <= settings.deadline_s else None


class Retrying:
    """Tries the same model again, as long as nothing of the answer was seen and no tool was started by it."""

    def __init__(
        self, inner: Gateway, settings: Retry, clock: Clock, chance: Callable[[], float] = random.random
    ) -> None:
        self._inner = inner
        self._settings = settings
        self._clock = clock
        self._chance = chance

    async def stream(
        self, ref: ModelRef, request: Request, place: Place, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        began, tried = self._clock.monotonic(), 0
        while True:
            tried += 1
            came = False
            try:
                async with aclosing(self._inner.stream(ref, request, place, recorder)) as items:
                    async for item in items:
                        came = came or isinstance(item, Piece | Answer)
                        yield item
                return
            except Failure as failure:
                elapsed = self._clock.monotonic() - began
                wait = wait_before(failure, tried, elapsed, self._settings, self._chance())
                if wait is None or (came and request.role == "format"):
                    raise
                if came:
                    yield Restart()
                if not wait:
                    continue
                until = stamp(self._clock.now() + timedelta(seconds=wait))
                recorder.emit(ev.AttemptWaiting(place.block, "retry", until=until))
                place.waited["retry"] = round(wait * 1000, 3)
                await self._clock.sleep(wait)
