"""The model that an `auto` route asks in a turn, or why it asks none: the route must stay cheap and fast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ralph import pricing
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.model_size import parameters_in
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import Usage
from ralph.core.ports.discovery import can_chat
from ralph.pipeline.plan import Models

# Billions of parameters. Smaller models choose unwanted tools, and take seconds for it.
LEAST_BILLIONS = 3.0
# The tokens of a typical route request.
_TYPICAL = Usage(1000, output=50, source="estimated")


@frozen
class ServerFacts(Data):
    """The known facts about servers without a request: their last lists, models that they refused, and their traits.

    `traits` opens the provider, which the turn does anyway, and raises `Failure` if it cannot be opened. `price` may
    load the price table.
    """

    listed: Callable[[str], Sequence[ModelInfo]]
    unknown: Callable[[ModelRef], bool]
    traits: Callable[[ModelRef], Awaitable[Traits]]
    price: Callable[[str, str], Awaitable[PriceRow | None]]


async def settle_route(models: Models, facts: ServerFacts) -> Models:
    """Return the same models with the route settled for this turn."""
    if models.route_mode != "auto" or models.route.provider == "builtin":
        return models
    if "route" in models.unnamed and _lacks(models.route, facts) and not _answer_fails_too(models, facts):
        models = await _replace_route(models, facts)
    if models.ask_small:
        return models
    reasons = [await _too_small(one, facts) for one in models.route.each]
    return replace(models, route_left=reasons[0]) if all(reasons) else models


def _answer_fails_too(models: Models, facts: ServerFacts) -> bool:
    """Return whether the server also lacks the model that ralph chose to answer, so that another route helps nobody."""
    return "format" in models.unnamed and _lacks(models.format, facts)


async def _replace_route(models: Models, facts: ServerFacts) -> Models:
    """Return the same models with the cheapest listed model as the route; without known prices, the one that answers.

    Among equal prices the answering model comes first, because a server may have to load another one.
    """
    provider, own = models.route.provider, models.format
    reasons = {role: reason for role, reason in models.reasons.items() if role != "route"}
    listed = [ModelRef(provider, model.name) for model in facts.listed(provider) if can_chat(model.name)]
    prices = {ref: await _price(ref, facts) for ref in (own, *listed)} if len(own.each) == 1 else {}
    priced = [(price, n, ref) for n, (ref, price) in enumerate(prices.items()) if price is not None]
    cheapest = min(priced)[-1] if priced else own
    if cheapest == own:
        return replace(models, route=own, reasons=reasons)
    return replace(models, route=cheapest, reasons={**reasons, "route": f"cheapest that {provider} lists"})


async def _price(ref: ModelRef, facts: ServerFacts) -> int | None:
    """Return the price of a typical route request in nano-dollars; None if it is unknown."""
    return pricing.cost(await facts.price(ref.provider, ref.model), _TYPICAL).nano_usd


def _lacks(ref: ModelRef, facts: ServerFacts) -> bool:
    """Return whether the server lacks this model: a private server may use a vendor's wire."""
    names = [model.name for model in facts.listed(ref.provider)]
    return facts.unknown(ref) or bool(names and not any(name.startswith(ref.model) for name in names))


async def _too_small(ref: ModelRef, facts: ServerFacts) -> str:
    """Return why this local model is not asked, as a sentence; empty if it is asked."""
    try:
        traits = await facts.traits(ref)
    except Failure:  # the step reports it, in its own block
        return ""
    if not traits.local or not traits.sends_requests:
        return ""
    listed = facts.listed(ref.provider)
    name = ref.model or (listed[0].name if listed else "")
    stated = next((model.parameters for model in listed if model.name == name), None)
    size = parameters_in(name) if stated is None else stated
    if size is None and traits.one_slot:
        return _sentence(ref, "is a model of unknown size on this machine")
    if size is not None and size < LEAST_BILLIONS:
        return _sentence(ref, f"is a small model ({size:.2g} billion parameters)")
    return ""


def _sentence(ref: ModelRef, why: str) -> str:
    return (
        f"the built-in rules decide which tools are needed, since {ref} {why}; "
        f"`/route {ref}` (or `--route`) or `pipeline.route_calls: always` asks it instead"
    )
