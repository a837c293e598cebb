"""The models of a reopened conversation: those that were chosen in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ralph.core.errors import Failure
from ralph.core.llm.routing import AUTO, RouteChoice, Routing
from ralph.core.log.events import RolesChanged
from ralph.pipeline.plan import Models
from ralph.session.models.roles import ProviderOffer

Resolve = Callable[[Routing], Models]


def resume_models(
    routing: Routing,
    changes: Sequence[RolesChanged],
    *,
    resolve: Resolve,
    offer: ProviderOffer,
    named: Collection[str] = (),
    chosen: Collection[str] = (),
) -> Routing:
    """Return the routing with the person's choices in this conversation.

    A choice is dropped for a role that this run has `named`, if the configuration now names another model than the one
    that the choice replaced, and if its provider is gone. `chosen` are the roles with a model that the person chose for
    every start: that model ranks above the configuration and below the conversation's own choice.
    """
    if not changes:
        return routing
    now, resumed = resolve(routing).roles(), routing
    for role in ("format", "tool", "route"):
        given_up, wanted = _find_choice(changes, role)
        auto = routing.route.mode == "auto" if role == "route" else routing.describe_role(role) == AUTO
        renamed = not auto and role not in chosen and now[role] != given_up
        if wanted == given_up or renamed or role in named:
            continue
        if role == "route":
            resumed = _route(resumed, changes[-1], resolve, offer)
        elif is_there(wanted, routing, resolve, offer):
            resumed = resumed.with_model(wanted, (role,))
    return resumed


def _find_choice(changes: Sequence[RolesChanged], role: str) -> tuple[str, str]:
    """Return the configured model at the role's last change away from it, and the model chosen instead."""
    given_up = chosen = ""
    for change in changes:
        before, after = change.from_.get(role, ""), change.to.get(role, "")
        if before != chosen:  # it was reopened with another model
            given_up = before
        chosen = after
    return given_up, chosen


def _route(routing: Routing, last: RolesChanged, resolve: Resolve, offer: ProviderOffer) -> Routing:
    """Return the chosen route. Older events record an `auto` route by the model that formatted; it becomes `auto`."""
    auto = routing
    if routing.route.mode != "auto":
        auto = replace(routing, route=RouteChoice())
    choice = last.routing.route if last.routing else _guess(last, resolve(auto))
    formats = last.routing.format if last.routing else choice.ref
    if choice.mode == "auto" and choice.ref in (AUTO, formats):
        return auto
    known = choice.mode == "rules" or is_there(choice.ref, routing, resolve, offer)
    return replace(routing, route=choice) if known else routing


def _guess(last: RolesChanged, auto: Models) -> RouteChoice:
    """Guess the mode of an older event without one: `auto` if the model is the one that `auto` asks."""
    chosen = last.to.get("route", "")
    if chosen in (last.to.get("format", ""), auto.roles()["route"]):
        return RouteChoice("auto", chosen)
    return RouteChoice.parse(chosen)


def is_there(text: str, routing: Routing, resolve: Resolve, offer: ProviderOffer) -> bool:
    """Return whether the provider is known and has its key if needed; for a pool, one member is enough."""
    try:
        members = resolve(replace(routing, format=text)).format.each
    except Failure:
        return False
    return any(_answers(one.provider, offer) for one in members)


def _answers(name: str, offer: ProviderOffer) -> bool:
    return not offer.spec(name).needs_key or offer.is_found(name) or offer.is_configured(name)
