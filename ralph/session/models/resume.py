"""The models of a conversation that is opened again: those that were chosen in it."""

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
    """The routing with what a person chose in this conversation.

    The choice does not hold for a role that this run has `named`, where the configuration names another model than
    the one that was given up for it, and where its provider is not there any more. `chosen` are the roles for which
    the person chose a model for every start: it goes before the configuration, and the conversation's before it.
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
    """What the configuration said when the role was last changed away from it, and what was chosen instead."""
    given_up = chosen = ""
    for change in changes:
        before, after = change.from_.get(role, ""), change.to.get(role, "")
        if before != chosen:  # it was opened with another model than it had
            given_up = before
        chosen = after
    return given_up, chosen


def _route(routing: Routing, last: RolesChanged, resolve: Resolve, offer: ProviderOffer) -> Routing:
    """The route that was chosen. Older events record an `auto` route with the model that formatted: that is `auto`."""
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
    """An older event does not record the mode: it was `auto` where the model is the one that `auto` asks."""
    chosen = last.to.get("route", "")
    if chosen in (last.to.get("format", ""), auto.roles()["route"]):
        return RouteChoice("auto", chosen)
    return RouteChoice.parse(chosen)


def is_there(text: str, routing: Routing, resolve: Resolve, offer: ProviderOffer) -> bool:
    """Its provider is known, and has its key if it needs one; of several that share the load, one of them."""
    try:
        members = resolve(replace(routing, format=text)).format.each
    except Failure:
        return False
    return any(_answers(one.provider, offer) for one in members)


def _answers(name: str, offer: ProviderOffer) -> bool:
    return not offer.spec(name).needs_key or offer.is_found(name) or offer.is_configured(name)
