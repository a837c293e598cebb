"""What the choice is made of: lists, prices, measurements and budgets at hand, and never a request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ralph.core.errors import StoreFailure
from ralph.core.llm.consent import Decision
from ralph.core.llm.messages import CallPart, Content, Message, user
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import ModelInfo, Provider
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.speed import ModelSpeed
from ralph.core.llm.tool import Surroundings
from ralph.core.llm.usage import Cost
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec
from ralph.core.ports.usage_report import BudgetRow
from ralph.core.ports.user_input import UserInput
from ralph.pipeline.plan import Models, ToolPolicy, TurnPlan
from ralph.session.models.candidates import KnownModel, ModelChooser, calls_tools, describe_pressure, tokens
from tests.frozen import FrozenClock

ROLES = ("route", "tool", "format")


def no_provider(settings: ProviderSettings) -> Provider:
    raise AssertionError("nothing is opened for a choice")


PREFERRED = {"route": "small", "tool": "big", "format": "big"}
PRICES = {"small": "1", "big": "5"}


class Facts:
    """What is known, settable."""

    def __init__(self) -> None:
        self.preferred = dict(PREFERRED)
        self.listed: Sequence[ModelInfo] = ()
        self.caps: Sequence[BudgetRow] = ()
        self.looked_up: list[str] = []

    def known(self) -> KnownModel:
        async def price(provider: str, model: str) -> PriceRow | None:
            self.looked_up.append(model)
            return PriceRow("config", "", model, *[PRICES[model]] * 4) if model in PRICES else None

        async def pace(provider: str, model: str) -> ModelSpeed:
            return ModelSpeed()

        async def caps(timeline: str) -> Sequence[BudgetRow]:
            return self.caps

        spec = ProviderSpec(no_provider, "a provider", preferred=self.preferred)
        return KnownModel(lambda _: spec, lambda _: self.listed, lambda *_: None, price, pace, caps)

    def models(self, plan: TurnPlan) -> Models:
        return asyncio.run(ModelChooser(self.known(), 2000, 0.8).models(plan, "t1"))


def plan(auto: tuple[str, ...] = ROLES, preferred: bool = True) -> TurnPlan:
    refs = [ModelRef("v", PREFERRED[role] if preferred else "") for role in ROLES]
    around = Surroundings(Path(), FrozenClock(), None, "t1")  # type: ignore[arg-type]
    models = Models(refs[0], refs[1], refs[2], auto=auto)
    return TurnPlan(UserInput("hello"), models, ToolPolicy({}, lambda *_: Decision("allowed", "a test"), around))


def test_with_nothing_to_decide_nothing_is_looked_up() -> None:
    facts = Facts()
    made = facts.models(plan())
    assert made.roles() == {"route": "v:small", "tool": "v:big", "format": "v:big"}
    assert made.reasons == {role: f"preferred for {role}" for role in ROLES}
    assert facts.looked_up == []


def test_a_budget_that_runs_out_takes_the_cheapest_but_never_overrules_a_person() -> None:
    facts = Facts()
    facts.caps = (BudgetRow("month", 100, Cost(10, "computed")), BudgetRow("day", 100, Cost(85, "computed")))
    made = facts.models(plan(auto=("tool",)))
    assert made.roles() == {"route": "v:small", "tool": "v:small", "format": "v:big"}
    assert made.reasons == {"tool": "cheapest that fits, the day budget is 85 % used"}


def test_the_providers_own_list_tells_what_does_not_fit() -> None:
    facts = Facts()
    facts.listed = (ModelInfo("big", window=2500), ModelInfo("small", window=100_000))
    made = facts.models(replace(plan(auto=("format",)), history=(user("word " * 2000),)))
    assert made.format == ModelRef("v", "small")
    assert made.reasons["format"].startswith("only one with a window for ")


def test_without_a_preferred_model_it_is_the_first_of_the_list_from_the_first_turn_on() -> None:
    facts = Facts()
    facts.preferred = {}
    made = facts.models(plan(preferred=False))
    assert (made.format, made.reasons["format"]) == (ModelRef("v", ""), "first that v lists")
    facts.listed = (ModelInfo("new"), ModelInfo("old"))
    made = facts.models(plan(preferred=False))
    assert (made.format, made.reasons["format"]) == (ModelRef("v", "new"), "first that v lists")


def test_the_rules_are_no_choice_and_a_broken_ledger_makes_none() -> None:
    rules = ModelRef("builtin", "rules")
    builtin = replace(plan(), models=Models(rules, rules, rules, auto=ROLES))
    assert Facts().models(builtin).reasons == {}

    async def broken(timeline: str) -> Sequence[BudgetRow]:
        raise StoreFailure("the disk is gone")

    choosing = ModelChooser(replace(Facts().known(), caps=broken), 2000, 0.8)
    assert asyncio.run(choosing.models(plan(), "t1")) == plan().models


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        ((), ""),
        ((BudgetRow("day", None, Cost(85, "computed")),), ""),
        ((BudgetRow("day", 100, Cost(79, "computed")),), ""),
        ((BudgetRow("day", 100, Cost(80, "computed")),), "the day budget is 80 % used"),
        ((BudgetRow("day", 0, Cost(0, "free")),), "the day budget is 100 % used"),
        (
            (BudgetRow("day", 100, Cost(80, "computed")), BudgetRow("month", 100, Cost(99, "estimated"))),
            "the month budget is 99 % used",
        ),
    ],
)
def test_the_budget_that_has_gone_furthest(caps: tuple[BudgetRow, ...], said: str) -> None:
    assert describe_pressure(caps, 0.8) == said


def test_a_step_is_measured_by_what_it_will_send() -> None:
    bare = plan()
    told = replace(bare, history=(user("word " * 4000),))
    assert tokens("format", told) - tokens("format", bare) > 3000
    assert tokens("route", told) == tokens("route", bare) < 2000
    assert not calls_tools("format", told)
    called = replace(bare, history=(Message("assistant", Content((CallPart("1", "clock", {}),)).parts),))
    assert calls_tools("format", called)
    assert not calls_tools("route", called)
