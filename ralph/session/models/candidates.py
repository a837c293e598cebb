"""Collects what is known of the available models and the needs of a turn, without any request."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ralph import counting
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.messages import CallPart, user
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request
from ralph.core.llm.speed import ModelSpeed
from ralph.core.ports.provider_spec import ProviderSpec
from ralph.core.ports.usage_report import BudgetRow
from ralph.pipeline.plan import HISTORY_TOKENS, Models, TurnPlan
from ralph.session.models.choice import Candidate, ModelChoice, Need, choose, keep_own_choice
from ralph.session.models.route_model import ServerFacts, settle_route

log = logging.getLogger("ralph.session")

# Of a server with hundreds of models the first are candidates: each costs a query of the ledger.
MOST = 32


@frozen
class KnownModel(Data):
    """Facts that need no request: the last list of a provider, loaded windows and prices, and own measurements.

    `caps` says how much of each budget of a timeline is used; it is empty without a cap.
    """

    spec: Callable[[str], ProviderSpec]
    listed: Callable[[str], Sequence[ModelInfo]]
    window: Callable[[str, str], int | None]
    price: Callable[[str, str], Awaitable[PriceRow | None]]
    pace: Callable[[str, str], Awaitable[ModelSpeed]]
    caps: Callable[[str], Awaitable[Sequence[BudgetRow]]]


class ModelChooser:
    """Chooses the models of roles that were left to ralph, turn by turn. A named model is never replaced."""

    def __init__(
        self, known: KnownModel, reserve_tokens: int, alert_at: float, servers: ServerFacts | None = None
    ) -> None:
        """`servers`: if None, the route asks its preferred model, whatever is known of the server."""
        self._known = known
        self._servers = servers
        self._reserve = reserve_tokens
        self._alert_at = alert_at

    async def models(self, plan: TurnPlan, timeline: str) -> Models:
        """Return the models of this turn, each choice with its reason."""
        chosen = await self._choose_models(plan, timeline)
        if self._servers:
            from ralph.session.models.tool_model import settle_tool  # late: a turn chooses, a start does not

            chosen = await settle_tool(chosen, self._servers)
        return await settle_route(chosen, self._servers) if self._servers and _route_asks(plan) else chosen

    async def _choose_models(self, plan: TurnPlan, timeline: str) -> Models:
        models = plan.models
        left = [r for r in models.auto if models.of(r).provider != "builtin"]
        if not left:
            return models
        try:
            pressure = describe_pressure(await self._known.caps(timeline), self._alert_at)
            chosen = {r: await self._choose(models.of(r), self._need(r, plan, pressure)) for r in left}
        except Failure as failure:  # a choice is optional: without it the turn uses its default model
            log.warning("no model was chosen: %s", failure)
            return models
        refs = {role: choice.model for role, choice in chosen.items()}
        return replace(
            models,
            route=refs.get("route", models.route),
            tool=refs.get("tool", models.tool),
            format=refs.get("format", models.format),
            reasons={role: choice.reason for role, choice in chosen.items()},
        )

    async def _choose(self, preferred: ModelRef, need: Need) -> ModelChoice:
        candidates, own = self._list_candidates(preferred, need.role)
        if (made := keep_own_choice(candidates, own, need)) is not None:
            return made
        known = self._known
        told = [
            replace(
                c,
                price=await known.price(c.ref.provider, c.ref.model),
                pace=await known.pace(c.ref.provider, c.ref.model),
            )
            for c in candidates
        ]
        return choose(told, own, need)

    def _list_candidates(self, preferred: ModelRef, role: str) -> tuple[list[Candidate], ModelChoice]:
        """Return the models of this provider, and the provider's own choice among them.

        A provider without preferred models prefers the first that it lists, from the first turn. A change in the second
        turn, once the list is known, would surprise, and would load a second model.
        """
        provider = preferred.provider
        listed = {m.name: m for m in self._known.listed(provider)}
        if preferred.model:
            names, own = (
                list(self._known.spec(provider).preferred.values()),
                ModelChoice(preferred, f"preferred for {role}"),
            )
        else:
            names = list(listed)[:MOST]
            own = ModelChoice(ModelRef(provider, names[0] if names else ""), f"first that {provider} lists")
        infos = [listed.get(name, ModelInfo(name)) for name in dict.fromkeys(names)]
        return [self._candidate(provider, info) for info in infos], own

    def _candidate(self, provider: str, info: ModelInfo) -> Candidate:
        window = info.window if info.window is not None else self._known.window(provider, info.name)
        return Candidate(ModelRef(provider, info.name), window, info.tools, info.images)

    def _need(self, role: str, plan: TurnPlan, pressure: str) -> Need:
        return Need(role, tokens(role, plan), self._reserve, tools=calls_tools(role, plan), pressure=pressure)


def _route_asks(plan: TurnPlan) -> bool:
    """Return whether the route of this turn may ask a model: no decision was kept or pinned."""
    return plan.tools.pinned is None and not (plan.again and plan.again.kept)


def describe_pressure(caps: Sequence[BudgetRow], alert_at: float) -> str:
    """Return the most used budget as the end of a sentence if it is nearly used up, else an empty text."""
    used = [(row.share, row.name) for row in caps if row.share is not None and row.share >= alert_at]
    if not used:
        return ""
    share, name = max(used)
    return f"the {name} budget is {share:.0%} used".replace("%", " %")


def calls_tools(role: str, plan: TurnPlan) -> bool:
    """Return whether the step declares tools: always to call them, and in format if the conversation has calls."""
    if role == "tool":
        return bool(plan.tools.offered)
    return role == "format" and any(isinstance(part, CallPart) for m in plan.history for part in m.parts)


def tokens(role: str, plan: TurnPlan) -> int:
    """Return the step's estimated input tokens. Results of this turn are unknown before it and not counted."""
    asked = user(f"{plan.input.context}\n{plan.input.text}")
    if role == "route":
        lines = sum(counting.estimate(spec.description.partition(". ")[0]) for spec in plan.tools.specs)
        return counting.estimate_request(Request("", (asked,))) + HISTORY_TOKENS + lines
    declared = plan.tools.specs if calls_tools(role, plan) else ()
    return counting.estimate_request(Request("", (*plan.history, asked), system=plan.system, tools=declared))
