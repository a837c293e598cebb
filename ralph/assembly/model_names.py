"""Model names: from earlier lists, the providers' files, the price table and the ledger; else from the servers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef, UnknownName
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices
from ralph.session.models.names import ConnectedModels

T = TypeVar("T")

# Seconds to wait for the lists of the providers; after that their models are unknown.
LIST_S = 5.0


async def with_lists(read: Callable[[], T], pool: ProviderPool) -> T:
    """Return what `read` makes of a written name. If it does not know the name, the connected providers are asked for
    the lists that are still missing, and it reads again. Raises `Failure`."""
    try:
        return read()
    except UnknownName:
        if not await _fetch_lists(pool):
            raise
    return read()


async def _fetch_lists(pool: ProviderPool) -> bool:
    """Return whether a provider that had no list has one now. After a failure it has none."""
    missing = [name for name in _list_providers(pool) if not pool.recall_models(name)]

    async def fetch(name: str) -> None:
        with contextlib.suppress(Failure, TimeoutError):
            async with asyncio.timeout(LIST_S):
                await pool.models(name)

    await asyncio.gather(*(fetch(name) for name in missing))
    return any(pool.recall_models(name) for name in missing)


def _list_providers(pool: ProviderPool) -> Sequence[str]:
    """Return the configured and found providers, in the documented order."""
    known = pool.known
    names = (n for n in known.names if n != "builtin" and (known.is_configured(n) or known.is_found(n)))
    return sorted(names, key=lambda name: (known.spec(name).order, name))


def list_connected(pool: ProviderPool, prices: Prices, used: Sequence[ModelRef]) -> ConnectedModels:
    """Return the models of the configured and found providers. `used` may be filled later."""
    known = pool.known

    return ConnectedModels(
        lambda: _list_providers(pool),
        preferred=lambda name: tuple(dict.fromkeys(known.spec(name).preferred.values())),
        listed=lambda name: [model.name for model in pool.recall_models(name)],
        priced=prices.names,
        used=lambda name: [ref.model for ref in used if ref.provider == name],
    )
