"""Model names without a request: from earlier lists, the providers' files, the price table and the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.llm.refs import ModelRef
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices
from ralph.session.models.names import ConnectedModels


def list_connected(pool: ProviderPool, prices: Prices, used: Sequence[ModelRef]) -> ConnectedModels:
    """Return the models of the configured and found providers. `used` may be filled later."""
    known = pool.known

    def list_names() -> Sequence[str]:
        names = [n for n in known.names if n != "builtin" and (known.is_configured(n) or known.is_found(n))]
        return sorted(names, key=lambda name: (known.spec(name).order, name))

    return ConnectedModels(
        list_names,
        preferred=lambda name: tuple(dict.fromkeys(known.spec(name).preferred.values())),
        listed=lambda name: [model.name for model in pool.recall_models(name)],
        priced=prices.names,
        used=lambda name: [ref.model for ref in used if ref.provider == name],
    )
