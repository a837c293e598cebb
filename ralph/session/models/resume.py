"""The models of a conversation that is opened again: those that were chosen in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Protocol

from ralph.config.settings import RoutingSettings
from ralph.core.errors import Failure
from ralph.core.log.events import RolesChanged
from ralph.core.ports.provider_spec import ProviderSpec
from ralph.pipeline.plan import Models
from ralph.session.models.roles import with_ref

Resolve = Callable[[RoutingSettings], Models]


class Providers(Protocol):
    """Which of them could be asked."""

    def spec(self, name: str) -> ProviderSpec: ...

    def configured(self, name: str) -> bool: ...

    def found(self, name: str) -> bool: ...


def resume_models(
    routing: RoutingSettings,
    changes: Sequence[RolesChanged],
    *,
    resolve: Resolve,
    providers: Providers,
    named: Collection[str] = (),
) -> RoutingSettings:
    """The routing with what a person chose in this conversation.

    The choice does not hold for a role that this run has `named`, where the configuration names another model than
    the one that was given up for it, and where its provider is not there any more.
    """
    if not changes:
        return routing
    now, made = resolve(routing).roles(), routing
    for role in ("format", "tool", "route"):
        given_up, chosen = _chosen(changes, role)
        renamed = getattr(routing, role).partition(" ")[0] != "auto" and now[role] != given_up
        if chosen == given_up or renamed or role in named:
            continue
        if role == "route":
            made = _route(made, chosen, changes[-1].to.get("format", ""), resolve, providers)
        elif _there(chosen, routing, resolve, providers):
            made = with_ref(made, chosen, (role,))
    return made


def _chosen(changes: Sequence[RolesChanged], role: str) -> tuple[str, str]:
    """What the configuration said when the role was last changed away from it, and what was chosen instead."""
    given_up = chosen = ""
    for change in changes:
        before, after = change.from_.get(role, ""), change.to.get(role, "")
        if before != chosen:  # it was opened with another model than it had
            given_up = before
        chosen = after
    return given_up, chosen


def _route(
    routing: RoutingSettings, chosen: str, formats: str, resolve: Resolve, providers: Providers
) -> RoutingSettings:
    """The event does not tell whether the rules were asked first: it is taken so where the model is the one that `auto`
    asks."""
    if chosen == "rules":
        return replace(routing, route="rules")
    auto = routing
    if routing.route.partition(" ")[0] != "auto":
        auto = replace(routing, route="auto" if routing.format == "auto" else f"auto {routing.format}")
    if chosen in (formats, resolve(auto).roles()["route"]):
        return auto
    return replace(routing, route=chosen) if _there(chosen, routing, resolve, providers) else routing


def _there(text: str, routing: RoutingSettings, resolve: Resolve, providers: Providers) -> bool:
    """Its provider is known, and has its key if it needs one; of several that share the load, one of them."""
    try:
        members = resolve(replace(routing, format=text)).format.each
    except Failure:
        return False
    return any(_answers(one.provider, providers) for one in members)


def _answers(name: str, providers: Providers) -> bool:
    return not providers.spec(name).needs_key or providers.found(name) or providers.configured(name)
