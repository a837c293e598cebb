"""Requests and tokens a minute: a sliding window that is never exceeded, first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from ralph import counting
from ralph.config.model import Limit
from ralph.core import events as ev
from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind
from ralph.core.provider import Item, Report, Request
from ralph.core.recording import Gateway, Place, Recorder
from ralph.core.refs import ModelRef

WINDOW_S = 60.0
# Sums of floats may leave a wait so short that no clock moves by it.
LEAST_WAIT_S = 0.001
# What an answer is taken to need until the provider reports what it used.
EXPECTED_OUTPUT = 256
# A provider that is out of breath and does not say for how long.
PAUSE_S = 1.0


@dataclass(slots=True)
class Spent:
    """One request in the window; `tokens` is an estimate until it is settled."""

    at: float
    tokens: int


class Window:
    """The last sixty seconds of one provider. Its lock is first come, first served, so that nobody starves."""

    def __init__(self, limit: Limit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._spent: deque[Spent] = deque()
        self._paused_until = 0.0
        self._turn = asyncio.Lock()

    async def enter(self, tokens: int, waits: Callable[[float], None]) -> Spent:
        """Take room for a request, waiting for it if need be; `waits` is told for how many seconds."""
        async with self._turn:
            while (wait := self._wait(tokens)) > 0:
                waits(wait)
                await self._clock.sleep(max(wait, LEAST_WAIT_S))
            spent = Spent(self._clock.monotonic(), tokens)
            self._spent.append(spent)
            return spent

    def waits(self, tokens: int) -> bool:
        """A request of this size would have to wait now, for room or behind others."""
        return self._turn.locked() or self._wait(tokens) > 0

    def pause(self, seconds: float) -> None:
        """The provider said that it has had enough for so long."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def _wait(self, tokens: int) -> float:
        """Seconds until so many of the oldest have left that this one fits.

        One that is larger than the whole limit goes alone, into an empty window, rather than wait for ever.
        """
        now = self._clock.monotonic()
        if self._paused_until > now:
            return self._paused_until - now
        while self._spent and self._spent[0].at + WINDOW_S <= now:
            self._spent.popleft()
        if self._limit.requests_per_minute is None and self._limit.tokens_per_minute is None:
            return 0.0  # nothing to add up
        count, used, wait = len(self._spent), sum(s.tokens for s in self._spent), 0.0
        for spent in self._spent:
            if self._fits(count, used + tokens):
                return wait
            wait = spent.at + WINDOW_S - now
            count, used = count - 1, used - spent.tokens
        return wait

    def _fits(self, requests: int, tokens: int) -> bool:
        most_requests, most_tokens = self._limit.requests_per_minute, self._limit.tokens_per_minute
        return (most_requests is None or requests < most_requests) and (most_tokens is None or tokens <= most_tokens)


class Limited:
    """Keeps each provider within its minute: reserves by estimate, settles by what was used."""

    def __init__(self, inner: Gateway, limits: Mapping[str, Limit], clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._limits = limits
        self._windows: dict[str, Window] = {}

    def _window(self, provider: str) -> Window:
        if provider not in self._windows:
            self._windows[provider] = Window(self._limits.get(provider, Limit()), self._clock)
        return self._windows[provider]

    def waits(self, ref: ModelRef, request: Request) -> bool:
        """This request would have to wait now, if it were sent to this model."""
        return self._window(ref.provider).waits(counting.estimate_request(request) + EXPECTED_OUTPUT)

    async def stream(
        self, ref: ModelRef, request: Request, place: Place, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        window = self._window(ref.provider)

        asked = self._clock.monotonic()
        limited = False

        def waits(seconds: float) -> None:
            nonlocal limited
            limited = True
            until = stamp(self._clock.now() + timedelta(seconds=seconds))
            recorder.emit(ev.AttemptWaiting(place.block, "limited", until=until))

        spent = await window.enter(counting.estimate_request(request) + EXPECTED_OUTPUT, waits)
        if limited:  # and not only held up by a busy program
            place.waited["limited"] = round((self._clock.monotonic() - asked) * 1000, 3)
        used = None
        try:
            async with aclosing(self._inner.stream(ref, request, place, recorder)) as items:
                async for item in items:
                    if isinstance(item, Report) and item.usage:
                        used = item.usage
                    yield item
        except Failure as failure:
            if failure.kind is Kind.RATE_LIMIT:
                window.pause(getattr(failure, "retry_after_s", None) or PAUSE_S)
            if getattr(failure, "rejected", True):
                spent.tokens = 0
            raise
        if used:
            spent.tokens = used.input + used.output
