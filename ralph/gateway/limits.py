"""Limits of requests and tokens a minute: a sliding window that is never exceeded, first come, first served."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from ralph import counting
from ralph.config.settings import LimitSettings, RetrySettings
from ralph.core import formatting
from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Item, Report, Request
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall
from ralph.gateway.patience import Patiences

WINDOW_S = 60.0
# Rounding of floats may leave a wait so short that the clock does not move.
LEAST_WAIT_S = 0.001
# The assumed tokens of an answer until the provider reports its usage.
EXPECTED_OUTPUT = 256
# The pause in seconds for an overloaded provider that does not say how long to wait.
PAUSE_S = 1.0


@dataclass(slots=True)
class Spent:
    """One request in the window; `tokens` is an estimate until the usage is known."""

    at: float
    tokens: int


class TooLate(Exception):
    """There will be room, but only after `seconds`, which is too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Window:
    """The last sixty seconds of one provider. Its lock is first come, first served, so that no request starves."""

    def __init__(self, limit: LimitSettings, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._spent: deque[Spent] = deque()
        self._queue: list[int] = []
        self._paused_until = 0.0
        self._turn = asyncio.Lock()

    async def enter(self, tokens: int, waits: Callable[[float], None], left_s: float = math.inf) -> Spent:
        """Take room for a request, waiting if needed; `waits` is called with the seconds of each wait.

        Raises `TooLate` as soon as it is clear that there will be no room within `left_s`.
        """
        began = self._clock.monotonic()
        behind = self._behind(tokens)
        if behind > left_s:
            raise TooLate(behind)
        if behind > 0:
            waits(behind)
        self._queue.append(tokens)
        try:
            async with self._turn:
                while (wait := self._wait(tokens)) > 0:
                    if self._clock.monotonic() - began + wait > left_s:
                        raise TooLate(wait)
                    waits(wait)
                    await self._clock.sleep(max(wait, LEAST_WAIT_S))
                spent = Spent(self._clock.monotonic(), tokens)
                self._spent.append(spent)
                return spent
        finally:
            self._queue.remove(tokens)

    def waits(self, tokens: int) -> bool:
        """Return whether a request of this size would have to wait now, for room or behind other requests."""
        return self._turn.locked() or self._wait(tokens) > 0

    def pause(self, seconds: float) -> None:
        """Pause for these seconds, because the provider asked for it."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def _behind(self, tokens: int) -> float:
        """Return the least seconds that a request at the end of the queue waits; 0 without a queue."""
        if not self._queue:
            return 0.0
        waiting, ahead = len(self._queue) + 1, sum(self._queue) + tokens
        least, limit, now = self._wait(ahead, waiting), self._limit, self._clock.monotonic()
        requests, used = len(self._spent) + waiting, sum(s.tokens for s in self._spent) + ahead
        minutes = max(
            requests / limit.requests_per_minute if limit.requests_per_minute else 0.0,
            used / limit.tokens_per_minute if limit.tokens_per_minute else 0.0,
        )
        begun = now - self._spent[0].at if self._spent else 0.0
        return max(least, WINDOW_S * (math.ceil(minutes) - 1) - begun)

    def _wait(self, tokens: int, requests: int = 1) -> float:
        """Return the seconds until enough old requests have left the window.

        A request that is larger than the whole limit is sent alone, into an empty window.
        """
        now = self._clock.monotonic()
        if self._paused_until > now:
            return self._paused_until - now
        while self._spent and self._spent[0].at + WINDOW_S <= now:
            self._spent.popleft()
        if self._limit.requests_per_minute is None and self._limit.tokens_per_minute is None:
            return 0.0  # nothing to add up
        count, used, wait = len(self._spent) + requests - 1, sum(s.tokens for s in self._spent), 0.0
        for spent in self._spent:
            if self._fits(count, used + tokens):
                return wait
            wait = spent.at + WINDOW_S - now
            count, used = count - 1, used - spent.tokens
        return wait

    def _fits(self, requests: int, tokens: int) -> bool:
        most_requests, most_tokens = self._limit.requests_per_minute, self._limit.tokens_per_minute
        return (most_requests is None or requests < most_requests) and (most_tokens is None or tokens <= most_tokens)


class RateLimit:
    """Keeps each provider within its limits: it reserves an estimate and corrects it by the reported usage.

    A short pause that a provider asks for holds for all its models. A longer one is mostly the quota of the model that
    was asked, and holds for that model only. A request that does not fit into the turn's patience is refused at once.
    """

    def __init__(
        self, inner: Gateway, limits: Mapping[str, LimitSettings], clock: Clock, patiences: Patiences | None = None
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._limits = limits
        self._patiences = patiences or Patiences(clock, RetrySettings().deadline_s)
        self._windows: dict[str, Window] = {}
        self._rests: dict[ModelRef, float] = {}

    def _window(self, provider: str) -> Window:
        if provider not in self._windows:
            self._windows[provider] = Window(self._limits.get(provider, LimitSettings()), self._clock)
        return self._windows[provider]

    def waits(self, ref: ModelRef, request: Request) -> bool:
        """Return whether this request to this model would have to wait now."""
        tokens = self._tokens(ref, counting.estimate_request(request))
        return self._rest(ref) > 0 or self._window(ref.provider).waits(tokens)

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        spent = await self._enter(call)
        used = None
        try:
            async with aclosing(self._inner.stream(call)) as items:
                async for item in items:
                    if isinstance(item, Report) and item.usage:
                        used = item.usage
                    yield item
        except Failure as failure:
            if failure.kind is Kind.RATE_LIMIT:
                self._pause(call.ref, failure.retry_after_s or PAUSE_S)
            if failure.rejected:
                spent.tokens = 0
            raise
        if used:
            spent.tokens = used.input + used.output

    async def _enter(self, call: ModelCall) -> Spent:
        """Wait for room for this request; every wait is an event. Raises `NotSent`."""
        ref, scope, recorder = call.ref, call.scope, call.recorder
        asked, left = self._clock.monotonic(), self._patiences.of(recorder).left_s
        limited = False

        def waits(seconds: float) -> None:
            nonlocal limited
            limited = True
            until = stamp(self._clock.now() + timedelta(seconds=seconds))
            recorder.emit(ev.AttemptWaiting(scope.block, "limited", until=until))

        try:
            size = counting.estimate_request(call.request)
            if never := self._never(ref.provider, size):
                raise NotSent(Kind.RATE_LIMIT, never)
            if (rest := self._rest(ref)) > 0:
                if rest > left:
                    raise NotSent(Kind.RATE_LIMIT, self._late(f"{ref} asked for a pause of", rest))
                waits(rest)
                await self._clock.sleep(rest)
            try:
                spent = await self._window(ref.provider).enter(self._tokens(ref, size), waits, left - max(0.0, rest))
            except TooLate as late:
                cause = f"limits.{ref.provider}" if ref.provider in self._limits else ref.provider
                raise NotSent(Kind.RATE_LIMIT, self._late(f"{cause} leaves no room for", late.seconds)) from None
        except NotSent as refusal:
            recorder.emit(ev.Note(refusal.kind.value, refusal.message, scope.block))
            raise
        finally:
            if limited:  # and not only delayed by a busy program
                took = (self._clock.monotonic() - asked) * 1000
                scope.waited["limited"] = round(scope.waited.get("limited", 0.0) + took, 3)
        return spent

    def _tokens(self, ref: ModelRef, size: int) -> int:
        """Return the tokens to reserve. A request that fits only without its answer is sent alone."""
        most = self._limits.get(ref.provider, LimitSettings()).tokens_per_minute
        return min(size + EXPECTED_OUTPUT, most) if most else size + EXPECTED_OUTPUT

    def _never(self, provider: str, size: int) -> str:
        """Return why the request will never fit into a minute; empty if it will."""
        limit = self._limits.get(provider, LimitSettings())
        for name in ("requests_per_minute", "tokens_per_minute"):
            if getattr(limit, name) == 0:
                return f"not sent: limits.{provider}.{name} is 0, so no request is allowed"
        if limit.tokens_per_minute is None or size <= limit.tokens_per_minute:
            return ""
        return (
            f"not sent: this request has about {size:,} tokens, more than limits.{provider}.tokens_per_minute "
            f"({limit.tokens_per_minute:,}) lets through in any minute; raise it, or start a shorter conversation"
        )

    def _late(self, cause: str, seconds: float) -> str:
        now = self._clock.now()
        until = formatting.clock_time(now + timedelta(seconds=seconds), now)
        return (
            f"not sent: {cause} {formatting.span(seconds)}, until {until}, which is beyond retry.deadline_s "
            f"({self._patiences.deadline_s:g} s for all waits of a turn)"
        )

    def _pause(self, ref: ModelRef, seconds: float) -> None:
        if seconds <= WINDOW_S:
            self._window(ref.provider).pause(seconds)
        else:
            self._rests[ref] = max(self._rests.get(ref, 0.0), self._clock.monotonic() + seconds)

    def _rest(self, ref: ModelRef) -> float:
        """Return the remaining seconds of a long pause."""
        return max(0.0, self._rests.get(ref, 0.0) - self._clock.monotonic())
