"""The expected waste of a guessed answer: the chance that it is discarded, times its cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ralph import counting, pricing
from ralph.core.errors import Failure
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import CountsSlots, Provider
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request
from ralph.core.llm.speed import Guesses
from ralph.core.llm.usage import Usage
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices

# Output tokens of a discarded guess when it is stopped: the decision is known after some four tokens of its own.
THROWN_AWAY = 64
# The price of a model without a known price: the most expensive model of the known vendors (2026-11), so that the
# estimate is rather too high than too low.
DEAREST = PriceRow("assumed", "", "", input="8", cache_read="0.2", cache_write="10", output="40")


class ExpectedWaste:
    """Weighs a guess before it is sent. `guesses` reports the outcomes of the last ones."""

    def __init__(self, providers: ProviderPool, prices: Prices, guesses: Callable[[], Awaitable[Guesses]]) -> None:
        self._providers = providers
        self._prices = prices
        self._guesses = guesses

    async def quote(self, ref: ModelRef, request: Request) -> int | None:
        """Return the expected waste in nano-dollars; None if a second parallel request would only wait."""
        costs = [await self._cost(one, request) for one in ref.each]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(costs):
            return None
        dearest = max(known)
        return round(dearest * (await self._guesses()).discard_chance) if dearest else 0

    async def _cost(self, ref: ModelRef, request: Request) -> int | None:
        try:
            provider = await self._providers.get(ref)
        except Failure:
            return None
        if not provider.traits.sends_requests or await queues(provider):
            return None
        row = await self._prices.recall(ref.provider, ref.model)
        if row is None and provider.traits.local:
            return 0
        usage = Usage(counting.estimate_request(request), output=THROWN_AWAY, source="estimated")
        return pricing.cost(row or DEAREST, usage).nano_usd


async def queues(provider: Provider) -> bool:
    """Return whether a second request waits for the first, by the settings or else by the server's report."""
    if provider.traits.one_slot and isinstance(provider, CountsSlots):
        slots = await provider.slots()
        return slots is None or slots < 2
    return provider.traits.one_slot
