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
        names = sorted((n for n in known.names if n != "builtin"), key=lambda n: (known.spec(n).order, n))
        return [name for name in names if known.is_configured(name) or known.is_found(name)]

    return ConnectedModels(
        list_names,
        preferred=lambda name: tuple(dict.fromkeys(known.spec(name).preferred.values())),
        listed=lambda name: [model.name for model in pool.recall_models(name)],
        priced=lambda name: prices.names(known.kind(name)),
        used=lambda name: [ref.model for ref in used if ref.provider == name],
    )
