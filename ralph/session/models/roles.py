"""Resolves the written names and the configuration to one model ref per role."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.refs import Aliases, ModelNames, ModelRef, parse_ref, pool_refs
from ralph.core.llm.routing import AUTO, RouteCalls, RouteChoice, Routing
from ralph.core.ports.provider_spec import ProviderSpec
from ralph.pipeline.plan import Models

RULES = ModelRef("builtin", "rules")


class ProviderOffer(Protocol):
    """The available providers, and which of them have what they need. No method sends a request."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def plugins(self) -> tuple[str, ...]: ...

    def spec(self, name: str) -> ProviderSpec: ...

    @property
    def chosen(self) -> ModelRef | None:
        """Return the model that was found on this machine if nothing is configured."""
        ...

    def is_configured(self, name: str) -> bool: ...

    def is_found(self, name: str) -> bool:
        """Return whether the provider is a server that was found on this machine."""
        ...


@frozen
class WrittenNames(Data):
    """The meanings of a written name beside a provider and its model: an alias, or a part of a model's name."""

    aliases: Aliases
    models: ModelNames | None = None


def resolve(routing: Routing, offer: ProviderOffer, names: WrittenNames, route_calls: RouteCalls = "auto") -> Models:
    """Return the models of the next turn. Raises `Failure` for an invalid ref."""
    choice = routing.route
    if choice.mode == "auto" and route_calls == "never":
        choice = RouteChoice("rules", "")
    written = {"route": choice.ref, "tool": routing.tool, "format": routing.format}
    # Only `auto` asks, once for all roles: a broken entry must not stop a ref that names another provider.
    configured = cache(partial(find_configured, offer))
    read = partial(_ref, offer=offer, names=names, configured=configured)
    format_ = read(routing.format, "format")
    helps = choice.mode == "auto" and choice.ref == AUTO and routing.format != AUTO
    if helps:
        route = helper(format_, offer)
    elif choice.mode == "rules":
        route = RULES
    else:
        route = read(choice.ref, "route")
    # A found model is already chosen, and so is a route that asks the same model that answers.
    left = offer.chosen is None or configured() is not None
    settled = {"route"} if helps and (route == format_ or len(route.each) > 1) else set()
    unnamed = tuple(role for role, text in written.items() if text == AUTO)
    return Models(
        route,
        read(routing.tool, "tool"),
        format_,
        choice.mode,
        auto=tuple(role for role in unnamed if (left or (helps and role == "route")) and role not in settled),
        unnamed=unnamed,
        ask_small=route_calls == "always",
    )


def helper(ref: ModelRef, offer: ProviderOffer) -> ModelRef:
    """Return the model that an `auto` route asks if this one answers: its provider's own for the role, else itself."""
    asked = [ModelRef(one.provider, offer.spec(one.provider).preferred.get("route", one.model)) for one in ref.each]
    return ref if tuple(asked) == ref.each else pool_refs(str(asked[0]), asked)


def _ref(
    text: str, role: str, offer: ProviderOffer, names: WrittenNames, configured: Callable[[], str | None]
) -> ModelRef:
    if text == AUTO:
        name = configured()
        return prefer_model(name, role, offer) if name else offer.chosen or RULES
    try:
        ref = parse_ref(text, offer.names, names.aliases)
    except Failure:
        ref = parse_ref(text, (*offer.names, *offer.plugins), names.aliases, names.models)
    named = [one if one.model else prefer_model(one.provider, role, offer) for one in ref.each]
    return pool_refs(text.strip(), named)


def find_configured(offer: ProviderOffer) -> str | None:
    """Return the first provider that has what it needs, in the documented order: `order` in its file, then its name."""
    configured = (name for name in offer.names if name != "builtin" and offer.is_configured(name))
    return min(configured, key=lambda name: (offer.spec(name).order, name), default=None)


def prefer_model(name: str, role: str, offer: ProviderOffer) -> ModelRef:
    """Return the provider's own choice for a role; empty if the server's list must be asked."""
    models = offer.spec(name).preferred
    return ModelRef(name, models.get(role, models.get("format", "")))
