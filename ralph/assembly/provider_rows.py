"""One provider as a row of a list: whether it is ready, why, and which steps it serves."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.core.llm.refs import ModelRef
from ralph.core.masking import shapes
from ralph.core.ports.rows import ProviderRow
from ralph.gateway.provider_settings import KnownProviders
from ralph.pipeline.plan import Models
from ralph.providers._loopback import is_loopback


def provider_row(offer: KnownProviders, name: str, models: Models, breakers: Mapping[ModelRef, str]) -> ProviderRow:
    """Return the row of this provider; `breakers` are the circuits that are not closed."""
    spec, given = offer.spec(name), offer.settings(name)
    found = offer.is_found(name)
    configured = name == "builtin" or found or offer.is_configured(name)
    has = "key set" if offer.has_key(name) else "address set" if configured and given.base_url else "always there"
    has = f"found on this machine, {given.found}" if found else has
    return ProviderRow(
        name=name,
        kind=given.kind,
        summary=spec.summary,
        configured=configured,
        local=is_loopback(given.base_url) if given.base_url else spec.local,
        why=has if configured else spec.connect,
        base_url=shapes(given.base_url),
        breakers=tuple(f"{ref.model} ({state})" for ref, state in breakers.items() if ref.provider == name),
        roles=models.find_roles(name),
    )
