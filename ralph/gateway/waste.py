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
        traits = provider.traits
        slots = await count_slots(provider)
        if not traits.sends_requests or (slots is None and traits.one_slot) or slots == 1:
            return None
        row = await self._prices.recall(ref.provider, ref.model)
        if row is None and traits.local:
            return 0 if slots else None  # free, where the server says that it has a second slot
        usage = Usage(counting.estimate_request(request), output=THROWN_AWAY, source="estimated")
        return pricing.cost(row or DEAREST, usage).nano_usd


async def count_slots(provider: Provider) -> int | None:
    """Return how many requests the server answers at the same time; None if the server does not say so."""
    return await provider.slots() if isinstance(provider, CountsSlots) else None
