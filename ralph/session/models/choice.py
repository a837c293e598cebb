"""Which model a step gets where the choice was left to us: by what the step needs, what models cost and how fast."""

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
    """A model on offer, and what is known of it; None is not known, and then taken to fit."""

    ref: ModelRef
    window: int | None = None
    tools: bool | None = None
    images: bool | None = None
    price: PriceRow | None = None
    pace: ModelSpeed = ModelSpeed()


@frozen
class Need(Data):
    """What a step asks of its model. `reserve` is the room for the answer; `pressure` says which budget runs out."""

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
    """A model, and in one sentence why."""

    model: ModelRef
    reason: str


def keep_own_choice(candidates: Sequence[Candidate], own: ModelChoice, need: Need) -> ModelChoice | None:
    """The provider's own choice, where no price and no measurement could change it; None where they must be looked up.

    Most steps end here, which is why prices and measurements are not gathered before.
    """
    mine = next((c for c in candidates if c.ref == own.model), None)
    if mine is None:
        return own if not candidates else None
    if len(candidates) == 1 or (not need.pressure and not misfit(mine, need)):
        return own
    return None


def choose(candidates: Sequence[Candidate], own: ModelChoice, need: Need) -> ModelChoice:
    """The best of them for this step. Pure: the same knowledge makes the same choice, in whatever order it came.

    What surely does not fit is out. While a budget runs out the cheapest goes first, what has no known price last.
    Else the provider's own choice for the role, if it fits; else the cheapest that fits. Of those that cost the same
    the provider's own comes first, then the fastest that was measured here.
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
    """Why the model surely cannot do it; empty where it can, or where that is not known."""
    if candidate.window is not None and candidate.window < need.window:
        return "window"
    if need.tools and candidate.tools is False:
        return "tools"
    return "images" if need.images and candidate.images is False else ""


def price_of(candidate: Candidate, need: Need) -> int | None:
    """What the step would cost, in nano-dollars, with an answer that fills its reserve."""
    return pricing.cost(candidate.price, Usage(need.tokens, output=need.reserve, source="estimated")).nano_usd


def _rank(candidate: Candidate, own: ModelChoice, need: Need) -> tuple[bool, int, bool, float, float, str]:
    price, pace = price_of(candidate, need), candidate.pace
    wait = pace.first_token_s if pace.first_token_s is not None else float("inf")
    speed = pace.tokens_per_second or 0.0
    return price is None, price or 0, candidate.ref != own.model, wait, -speed, str(candidate.ref)


def _by_the_way(best: Candidate, own: ModelChoice, need: Need) -> ModelChoice:
    """No price decided: it is the provider's own choice, or the fastest, or the first by name."""
    if best.ref == own.model:
        return own
    if best.pace.first_token_s is not None:
        return ModelChoice(best.ref, f"fastest measured ({best.pace.first_token_s:.1f} s to the first token)")
    return ModelChoice(best.ref, f"one {_that(need)}")


def _least_bad(candidates: Sequence[Candidate], own: ModelChoice, need: Need) -> ModelChoice:
    """Nothing fits as far as is known. An estimate errs high, so that the largest window may still do."""
    able = [c for c in candidates if misfit(c, need) == "window" and c.window is not None]
    if not able:
        return ModelChoice(own.model, f"{own.reason}, though none is known that {_abilities(need)}")
    largest = max(able, key=lambda c: (c.window or 0, c.ref == own.model, str(c.ref)))
    return ModelChoice(largest.ref, f"largest window, though {need.window:,} tokens may not fit")


def _lacking(candidates: Sequence[Candidate], need: Need) -> str:
    """What set the only one that fits apart from the others."""
    missing = {misfit(c, need) for c in candidates}
    if "window" in missing:
        return f"with a window for {need.window:,} tokens"
    return "that can call tools" if "tools" in missing else "that can see images"


def _that(need: Need) -> str:
    return f"that fits {need.window:,} tokens"


def _abilities(need: Need) -> str:
    wanted = ("can call tools" if need.tools else "", "can see images" if need.images else "")
    return " and ".join(w for w in wanted if w)
