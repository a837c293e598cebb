"""The models of a provider with the known facts: price, window, and measured speed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime

from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.speed import ModelSpeed
from ralph.core.ports.rows import ModelRow
from ralph.core.ports.store import SpeedLedger
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices


async def model_rows(
    offer: ProviderPool, prices: Prices, paces: SpeedLedger, name: str, at: datetime
) -> tuple[ModelRow, ...]:
    """Return one row for each model that the provider lists. Raises `Failure`."""
    listed = await offer.models(name)

    def price_models() -> list[tuple[PriceRow | None, int | None]]:
        """Look up prices in a thread: the table takes 0.1 s to load."""
        return [(prices.row(name, m.name, at), m.window or prices.window(name, m.name)) for m in listed]

    known = await asyncio.to_thread(price_models)
    used = await paces.models(name)
    return tuple(
        [
            ModelRow(
                ref=f"{name}:{info.name}",
                window=window,
                price=price,
                pace=await paces.pace(name, info.name) if _is_used(info, used) else ModelSpeed(),
                retires=info.retires,
            )
            for info, (price, window) in zip(listed, known, strict=True)
        ]
    )


def _is_used(info: ModelInfo, used: Collection[str]) -> bool:
    """Return whether the model was used. The ledger has the answering name, which may be the listed one with a date."""
    return any(name.startswith(info.name) for name in used)
