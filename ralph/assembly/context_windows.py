"""The context window of a model: from its provider's list, else from the price table."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

from ralph.core.errors import Failure
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.context import WindowSource
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices


class ContextWindows:
    """Looks up windows. A window from a provider is cached; an unknown window is asked for again."""

    def __init__(self, offer: ProviderPool, prices: Prices, now: Callable[[], datetime]) -> None:
        self._offer = offer
        self._prices = prices
        self._now = now
        self._known: dict[str, int] = {}

    async def find_window(self, ref: str) -> tuple[int | None, WindowSource]:
        """Return the window of this ref and its source; without a model, the window of the first listed one.

        May ask the provider, and may load the price table (0.1 s, in a thread).
        """
        if ref in self._known:
            return self._known[ref], "provider"
        named = ModelRef.parse(ref)
        found = _find(self._offer.recall_models(named.provider), named)
        if not (found and found.window):
            with contextlib.suppress(Failure):
                found = _find(await self._offer.models(named.provider), named)
        if found and found.window:
            self._known[ref] = found.window
            return found.window, "provider"
        await asyncio.to_thread(self._prices.row, named.provider, named.model, self._now())
        return self._prices.window(named.provider, named.model), "table"


def _find(listed: Sequence[ModelInfo], named: ModelRef) -> ModelInfo | None:
    return next((m for m in listed if m.name == named.model or not named.model), None)
