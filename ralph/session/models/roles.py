"""Who does what: the routing settings and what is configured, resolved to one model ref a role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from ralph.config.settings import RoutingSettings
from ralph.core.errors import Failure
from ralph.core.llm.refs import Aliases, ModelRef, parse_ref, pooled
from ralph.core.ports.provider_spec import ProviderSpec
from ralph.pipeline.plan import Models, RouteMode

RULES = ModelRef("builtin", "rules")


class ProviderOffer(Protocol):
    """The providers there are, and which of them were given what they need."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def plugins(self) -> tuple[str, ...]: ...

    def spec(self, name: str) -> ProviderSpec: ...

    @property
    def chosen(self) -> ModelRef | None: ...

    def configured(self, name: str) -> bool: ...


def resolve(routing: RoutingSettings, offer: ProviderOffer, aliases: Aliases) -> Models:
    """The models of the next turn. Raises `Failure` for a ref that is none."""
    mode, _, asked = routing.route.partition(" ")
    written = {"route": asked or mode, "tool": routing.tool, "format": routing.format}
    if mode == "rules":
        route, route_mode = RULES, "rules"
    elif mode == "auto":
        route, route_mode = _ref(asked or "auto", "route", offer, aliases), "auto"
    else:
        route, route_mode = _ref(routing.route, "route", offer, aliases), "model"
    how: RouteMode = route_mode  # type: ignore[assignment]
    left = offer.chosen is None or first_configured(offer) is not None  # what was found has been chosen already
    return Models(
        route,
        _ref(routing.tool, "tool", offer, aliases),
        _ref(routing.format, "format", offer, aliases),
        how,
        auto=tuple(role for role, text in written.items() if text == "auto" and left),
    )


def _ref(text: str, role: str, offer: ProviderOffer, aliases: Aliases) -> ModelRef:
    if text == "auto":
        name = first_configured(offer)
        return preferred(name, role, offer) if name else offer.chosen or RULES
    try:
        ref = parse_ref(text, offer.names, aliases)
    except Failure:
        ref = parse_ref(text, (*offer.names, *offer.plugins), aliases)
    named = [one if one.model else preferred(one.provider, role, offer) for one in ref.each]
    return pooled(text.strip(), named)


def with_ref(routing: RoutingSettings, ref: str, roles: Sequence[str]) -> RoutingSettings:
    """This model for these roles; an `auto` route asks the model that formats."""
    if "tool" in roles:
        routing = replace(routing, tool=ref)
    if "format" in roles:
        routing = replace(routing, format=ref)
    mode = ref if "route" in roles else routing.route.partition(" ")[0] if "format" in roles else ""
    if mode == "auto":
        return replace(routing, route="auto" if routing.format == "auto" else f"auto {routing.format}")
    return replace(routing, route=ref) if "route" in roles else routing


def first_configured(offer: ProviderOffer) -> str | None:
    """The first provider that has what it needs, in the documented order: each file's own `order`, then its name."""
    ranked = sorted((offer.spec(n).order, n) for n in offer.names if n != "builtin")
    return next((name for _, name in ranked if offer.configured(name)), None)


def preferred(name: str, role: str, offer: ProviderOffer) -> ModelRef:
    """The provider's own choice for a role; empty where the server's own list must be asked."""
    models = offer.spec(name).preferred
    return ModelRef(name, models.get(role, models.get("format", "")))
