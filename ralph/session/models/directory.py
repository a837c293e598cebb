"""The models of a conversation: what its routing means, how it resumes, and which models a turn uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ralph.core.llm.refs import ModelRef
from ralph.core.llm.routing import RouteCalls, RouteChoice, Routing
from ralph.core.log.events import RolesChanged
from ralph.pipeline.plan import Models, TurnPlan
from ralph.session.models.resume import is_there, resume_models
from ralph.session.models.roles import ProviderOffer, WrittenNames, resolve


class Chooser(Protocol):
    """Chooses the models of roles that were left to ralph."""

    async def models(self, plan: TurnPlan, timeline: str) -> Models: ...


class ModelDirectory:
    """Resolves, resumes and chooses models over the available providers. Sends no request.

    `routing` is the configured one. `named` are the roles whose model this run names on the command line or in the
    environment; `chosen` are the models that the person chose for every start, by role. `route_calls` is the setting of
    that name. `chooser` is built when the first turn needs it; without one a turn uses the models of its routing.
    """

    def __init__(
        self,
        routing: Routing,
        offer: ProviderOffer,
        names: WrittenNames,
        *,
        named: Collection[str] = (),
        chosen: Mapping[str, str] | None = None,
        route_calls: RouteCalls = "auto",
        chooser: Callable[[], Chooser] | None = None,
    ) -> None:
        self._configured = routing
        self._route_calls = route_calls
        self._offer = offer
        self._names = names
        self._named = frozenset(named)
        self._chosen = {role: ref for role, ref in (chosen or {}).items() if role not in self._named}
        self._chooser = chooser

    @property
    def routing(self) -> Routing:
        """Return the routing of a new conversation: the configured one, with the person's choices for every start."""
        routing = self._configured
        for role, ref in self._chosen.items():
            if role == "route" and ref in ("auto", "rules"):
                routing = replace(routing, route=RouteChoice.parse(ref))
            elif is_there(ref, routing, self.resolve, self._offer):
                routing = routing.with_model(ref, (role,))
        return routing

    def list_gone(self) -> Sequence[str]:
        """Return the models chosen for every start whose provider is missing or has no key."""
        written = {self.routing.describe_role(role) for role in self._chosen}
        return tuple(dict.fromkeys(ref for ref in self._chosen.values() if ref not in written))

    def keep(self, ref: str, roles: Sequence[str]) -> None:
        """Use this model for these roles in new conversations, whatever the command line named."""
        self._named -= set(roles)
        self._chosen.update(dict.fromkeys(roles, ref))

    def forget(self, roles: Sequence[str]) -> None:
        """Drop the person's choice for these roles in new conversations."""
        for role in roles:
            self._chosen.pop(role, None)

    def resolve(self, routing: Routing | None = None) -> Models:
        """Return the models of this routing (None: the configured one). Raises `Failure` for an invalid ref."""
        return resolve(routing or self.routing, self._offer, self._names, self._route_calls)

    def ref(self, text: str) -> ModelRef:
        """Return the model of an alias, a provider's name, a ref or a part of a model's name. Raises `Failure` if there
        is none."""
        return self.resolve(replace(self.routing, format=text)).format

    def resume(self, changes: Sequence[RolesChanged]) -> Routing:
        """Return the configured routing with the person's choices in a conversation with these changes."""
        return resume_models(
            self.routing, changes, resolve=self.resolve, offer=self._offer, named=self._named, chosen=self._chosen
        )

    async def choose(self, plan: TurnPlan, timeline: str) -> Models:
        """Return the models of this turn, after choosing those that were left to ralph."""
        from ralph.session.models.rule_answers import by_rules, understood  # late: a turn chooses, a start does not

        if understood(plan):
            return by_rules(plan.models)
        return await self._chooser().models(plan, timeline) if self._chooser else plan.models
