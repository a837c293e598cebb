"""What a guessed answer is expected to waste: the chance that it is discarded, times what it would have cost."""

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

# A guess that is discarded has streamed about so many tokens by then: the decision is known after some four of its own.
THROWN_AWAY = 64
# For a model whose price nobody knows: the dearest model of the vendors that ralph knows (2026-11), so that the sum is
# rather too high than too low.
DEAREST = PriceRow("assumed", "", "", input="8", cache_read="0.2", cache_write="10", output="40")


class ExpectedWaste:
    """Weighs a guess before it is sent. `guesses` tells what became of the last ones."""

    def __init__(self, providers: ProviderPool, prices: Prices, guesses: Callable[[], Awaitable[Guesses]]) -> None:
        self._providers = providers
        self._prices = prices
        self._guesses = guesses

    async def quote(self, ref: ModelRef, request: Request) -> int | None:
        """The expected waste in nano-dollars; None where a second request at the same time would only wait."""
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
    """How many requests the provider's server answers at the same time, as far as the server tells."""
    return await provider.slots() if isinstance(provider, CountsSlots) else None
