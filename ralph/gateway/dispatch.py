"""The last layer before a provider: each sent request is an attempt in the recorder; a free answer has none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.clock import Clock
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import Provider
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Ignored, Item, Piece, Waiting
from ralph.core.log import events as ev
from ralph.core.log.recording import ModelCall
from ralph.core.timeline.history import for_model
from ralph.gateway.attempt import OpenAttempt, translate_error
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.dropped_prompt import note_dropped_prompt
from ralph.gateway.hiding import hiding
from ralph.gateway.provider_pool import ProviderPool
from ralph.gateway.waits import time_wait
from ralph.pricing import Prices

log = logging.getLogger("ralph.gateway")

# A client that is ready takes no time; shorter waits are not recorded.
NOTICED_MS = 1.0


class Dispatch:
    """Sends one try, records it and pays for it."""

    def __init__(self, providers: ProviderPool, prices: Prices, budget: BudgetGuard, clock: Clock) -> None:
        self._providers = providers
        self._prices = prices
        self._budget = budget
        self._clock = clock

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Yield pieces, reports and finally the answer. Raises `Failure`."""
        try:
            provider = await self._providers.get(call.ref)
            ref = await self._with_model(call.ref)
        except Failure as failure:
            call.recorder.emit(ev.Note(failure.kind.value, failure.message, call.scope.block))
            raise NotSent(failure.kind, failure.message) from failure
        settings = {**self._providers.known.sampling(ref.provider), **call.request.settings}
        messages = for_model(call.request.messages, ref.provider, ref.model)
        request = replace(call.request, model=ref.model, messages=messages, settings=settings)
        call = call._replace(ref=ref, request=request)
        send = self._attempt if provider.traits.sends_requests else self._free
        try:
            async with aclosing(send(provider, call)) as items:
                async for item in items:
                    yield item
        except Failure as failure:
            if failure.kind is Kind.UNKNOWN_MODEL:
                self._providers.forget(ref)
            raise

    async def _free(self, provider: Provider, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Stream a provider that sends nothing, without attempts."""
        async with aclosing(provider.stream(call.request)) as items:
            async for item in items:
                if isinstance(item, Ignored):
                    _tell(item, call)
                    continue
                yield item

    async def _attempt(self, provider: Provider, call: ModelCall) -> AsyncGenerator[Item, None]:
        ref, request, scope, recorder = call
        price = self._look_up(ref)
        try:
            await self._ready(provider, call)
            attempt = OpenAttempt(call)
            hold = await self._budget.hold(attempt, recorder, price.wait, self._clock.now())
        except BaseException:
            await price.leave()
            raise
        with attempt.set_price(hold.price if hold else price.peek, hold.held if hold else None):
            try:
                await recorder.commit()
                async with aclosing(hiding(provider.stream(request), self._providers.secrets)) as items:
                    async for item in items:
                        if isinstance(item, Waiting):
                            recorder.emit(ev.AttemptWaiting(scope.block, item.cause, attempt.id))
                            continue
                        if isinstance(item, Ignored):
                            _tell(item, call)
                            continue
                        attempt.saw(item)
                        yield item
                        if hold and isinstance(item, Piece):
                            await hold.spend(item.text)
            except Exception as error:
                raise translate_error(error) from error
            finally:
                attempt.over()
                await price.settle()  # off the event loop: the table may still be loading
        if provider.traits.one_slot:
            note = note_dropped_prompt(request, attempt.reported, scope.block, self._window(ref))
            if note:
                recorder.emit(note)

    async def _with_model(self, ref: ModelRef) -> ModelRef:
        """Return the ref with a model. If the person named only the provider, use the first model that it lists."""
        if ref.model:
            return ref
        models = await self._providers.models(ref.provider)
        if not models:
            raise Failure(
                Kind.UNKNOWN_MODEL, f"{ref.provider} has no model yet; pull or load one, or name one with -m or /model"
            )
        return ModelRef(ref.provider, models[0].name)

    def _window(self, ref: ModelRef) -> str:
        """Return the setting that gives a larger context window."""
        own = "num_ctx" in self._providers.known.spec(ref.provider).options
        return f"providers.{ref.provider}.num_ctx" if own else f"the context window of the server behind {ref.provider}"

    async def _ready(self, provider: Provider, call: ModelCall) -> None:
        """Wait until the client is ready, so that no request is recorded as sent before: an import takes up to 2 s.

        Raises `NotSent` if the client cannot be built.
        """
        try:
            with time_wait(call.scope, "loading", self._clock, NOTICED_MS):
                await provider.ready()
        except Failure as failure:
            call.recorder.emit(ev.Note(failure.kind.value, failure.message, call.scope.block))
            raise NotSent(failure.kind, failure.message) from failure

    def _look_up(self, ref: ModelRef) -> _Looking:
        """Look up the price row in parallel with the client and the request: a new model's takes 0.1 s."""
        return _Looking(background.start(self._row(ref), "looking a price up"))

    async def _row(self, ref: ModelRef) -> PriceRow | None:
        try:
            return await self._prices.look_up(ref.provider, ref.model, self._clock.now())
        except Exception:  # border: a broken price table makes the price unknown but ends no turn
            log.exception("no price could be looked up for %s", ref)
            return None


class _Looking:
    """A price lookup that is running."""

    def __init__(self, task: asyncio.Task[PriceRow | None]) -> None:
        self._task = task

    async def wait(self) -> PriceRow | None:
        """Return the row. A cancelled caller does not cancel the lookup."""
        return await asyncio.shield(self._task)

    async def settle(self) -> None:
        """Wait for the lookup even if cancelled meanwhile, because used tokens need a cost; then cancel."""
        again: asyncio.CancelledError | None = None
        while not self._task.done():
            try:
                await asyncio.wait([self._task])
            except asyncio.CancelledError as error:
                again = error
        if again:
            raise again

    async def leave(self) -> None:
        """Stop the lookup, because nobody needs its result any more."""
        await cancel_and_wait([self._task])

    def peek(self) -> PriceRow | None:
        """Return the row if it is known by now."""
        return self._task.result() if self._task.done() and not self._task.cancelled() else None


def _tell(ignored: Ignored, call: ModelCall) -> None:
    """Record a note about a setting that was not sent, once per block."""
    if call.scope.attempts:
        return
    names = ", ".join(ignored.settings)
    were = "it was" if len(ignored.settings) == 1 else "they were"
    text = f"{call.ref} does not take {names}; {were} not sent"
    call.recorder.emit(ev.Note("settings", text, call.scope.block, {"settings": list(ignored.settings)}))
