"""The models of a conversation: which ones its routing means, which it goes on with, which a turn takes."""

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
from ralph.session.models.rule_answers import by_rules, understood


class Chooser(Protocol):
    """Fills in the roles that were left to ralph."""

    async def models(self, plan: TurnPlan, timeline: str) -> Models: ...


class ModelDirectory:
    """Resolves, resumes and chooses models over the providers on offer. Sends no request.

    `routing` is the configured one. `named` are the roles whose model this run names on the command line or in the
    environment, `chosen` are the models that the person chose for every start, by role. `route_calls` is the setting of
    that name. `chooser` is made when the first turn needs it; without one a turn takes the models of its routing.
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
        """What a new conversation begins with: the configured routing, with what the person chose for every start."""
        routing = self._configured
        for role, ref in self._chosen.items():
            if role == "route" and ref in ("auto", "rules"):
                routing = replace(routing, route=RouteChoice.parse(ref))
            elif is_there(ref, routing, self.resolve, self._offer):
                routing = routing.with_model(ref, (role,))
        return routing

    def list_gone(self) -> Sequence[str]:
        """The models that the person chose for every start and whose provider is not there, or has no key."""
        written = {self.routing.describe_role(role) for role in self._chosen}
        return tuple(dict.fromkeys(ref for ref in self._chosen.values() if ref not in written))

    def keep(self, ref: str, roles: Sequence[str]) -> None:
        """New conversations begin with this model for these roles, whatever the command line named."""
        self._named -= set(roles)
        self._chosen.update(dict.fromkeys(roles, ref))

    def forget(self, roles: Sequence[str]) -> None:
        """What the person chose for these roles no longer holds for new conversations."""
        for role in roles:
            self._chosen.pop(role, None)

    def resolve(self, routing: Routing | None = None) -> Models:
        """The models that this routing means, the configured one for None. Raises `Failure` for a ref that is none."""
        return resolve(routing or self.routing, self._offer, self._names, self._route_calls)

    def ref(self, text: str) -> ModelRef:
        """The model that a person means by an alias, a provider's name, a ref or a part of a model's name. Raises
        `Failure` for none."""
        return self.resolve(replace(self.routing, format=text)).format

    def resume(self, changes: Sequence[RolesChanged]) -> Routing:
        """The configured routing with what a person chose in a conversation with these changes."""
        return resume_models(
            self.routing, changes, resolve=self.resolve, offer=self._offer, named=self._named, chosen=self._chosen
        )

    async def choose(self, plan: TurnPlan, timeline: str) -> Models:
        """The models of this turn, those chosen that were left to ralph."""
        if understood(plan):
            return by_rules(plan.models)
        return await self._chooser().models(plan, timeline) if self._chooser else plan.models
