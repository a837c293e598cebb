"""Chooses the model of a step that was left to ralph: by the step's needs, and the models' cost and speed."""

from __future__ import annotations

from collections.abc import Sequence

from ralph import pricing
from ralph.core.data import Data, frozen
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.speed import ModelSpeed
from ralph.core.llm.usage import Usage


@frozen
class Candidate(Data):
    """An available model, and the known facts about it. An unknown fact is None and counts as fitting."""

    ref: ModelRef
    window: int | None = None
    tools: bool | None = None
    images: bool | None = None
    price: PriceRow | None = None
    pace: ModelSpeed = ModelSpeed()


@frozen
class Need(Data):
    """The needs of a step. `reserve` is the room for the answer; `pressure` names the budget that runs out."""

    role: str
    tokens: int
    reserve: int = 0
    tools: bool = False
    images: bool = False
    pressure: str = ""

    @property
    def window(self) -> int:
        return self.tokens + self.reserve


@frozen
class ModelChoice(Data):
    """A model, and the reason for it in one sentence."""

    model: ModelRef
    reason: str


def keep_own_choice(candidates: Sequence[Candidate], own: ModelChoice, need: Need) -> ModelChoice | None:
    """Return the provider's own choice if no price or measurement could change it, else None.

    Most steps end here, so prices and measurements are gathered only after this.
    """
    mine = next((c for c in candidates if c.ref == own.model), None)
    if mine is None:
        return own if not candidates else None
    if len(candidates) == 1 or (not need.pressure and not misfit(mine, need)):
        return own
    return None


def choose(candidates: Sequence[Candidate], own: ModelChoice, need: Need) -> ModelChoice:
    """Return the best candidate for this step. Pure: the same facts give the same choice, in whatever order they come.

    Models that certainly do not fit are excluded. While a budget runs out, the cheapest comes first, and models without
    a known price come last. Otherwise the provider's own choice for the role is taken if it fits, else the cheapest
    that fits. Among equal costs the provider's own choice comes first, then the fastest measured here.
    """
    if (made := keep_own_choice(candidates, own, need)) is not None:
        return made
    fitting = sorted((c for c in candidates if not misfit(c, need)), key=lambda c: _rank(c, own, need))
    if not fitting:
        return _least_bad(candidates, own, need)
    best = fitting[0]
    if len(fitting) == 1:
        return ModelChoice(best.ref, f"only one {_lacking(candidates, need)}")
    price = price_of(best, need)
    if price is None or all(price_of(c, need) == price for c in fitting):
        return _by_the_way(best, own, need)
    return ModelChoice(best.ref, f"cheapest that fits, {need.pressure}" if need.pressure else f"cheapest {_that(need)}")


def misfit(candidate: Candidate, need: Need) -> str:
    """Return why the model certainly does not fit; empty if it fits or that is unknown."""
    if candidate.window is not None and candidate.window < need.window:
        return "window"
    if need.tools and candidate.tools is False:
        return "tools"
    return "images" if need.images and candidate.images is False else ""


def price_of(candidate: Candidate, need: Need) -> int | None:
    """Return the cost of the step in nano-dollars, with an answer that fills its reserve."""
    return pricing.cost(candidate.price, Usage(need.tokens, output=need.reserve, source="estimated")).nano_usd


def _rank(candidate: Candidate, own: ModelChoice, need: Need) -> tuple[bool, int, bool, float, float, str]:
    price, pace = price_of(candidate, need), candidate.pace
    wait = pace.first_token_s if pace.first_token_s is not None else float("inf")
    speed = pace.tokens_per_second or 0.0
    return price is None, price or 0, candidate.ref != own.model, wait, -speed, str(candidate.ref)


def _by_the_way(best: Candidate, own: ModelChoice, need: Need) -> ModelChoice:
    """Return a choice without prices: the provider's own, or the fastest, or the first by name."""
    if best.ref == own.model:
        return own
    if best.pace.first_token_s is not None:
        return ModelChoice(best.ref, f"fastest measured ({best.pace.first_token_s:.1f} s to the first token)")
    return ModelChoice(best.ref, f"one {_that(need)}")


def _least_bad(candidates: Sequence[Candidate], own: ModelChoice, need: Need) -> ModelChoice:
    """Return the choice if nothing seems to fit. Estimates are high, so the largest window may still be enough."""
    able = [c for c in candidates if misfit(c, need) == "window" and c.window is not None]
    if not able:
        return ModelChoice(own.model, f"{own.reason}, though none is known that {_abilities(need)}")
    largest = max(able, key=lambda c: (c.window or 0, c.ref == own.model, str(c.ref)))
    return ModelChoice(largest.ref, f"largest window, though {need.window:,} tokens may not fit")


def _lacking(candidates: Sequence[Candidate], need: Need) -> str:
    """Return what the only fitting model has and the others lack."""
    missing = {misfit(c, need) for c in candidates}
    if "window" in missing:
        return f"with a window for {need.window:,} tokens"
    return "that can call tools" if "tools" in missing else "that can see images"


def _that(need: Need) -> str:
    return f"that fits {need.window:,} tokens"


def _abilities(need: Need) -> str:
    wanted = ("can call tools" if need.tools else "", "can see images" if need.images else "")
    return " and ".join(w for w in wanted if w)
