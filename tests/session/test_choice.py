"""The choice of a model: what a step needs, what is known, and one sentence that says why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.llm.prices import FREE_ROW, PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.speed import ModelSpeed
from ralph.session.models.choice import Candidate, ModelChoice, Need, choose, misfit, price_of

DAY = "the day budget is 85 % used"


def row(price: str) -> PriceRow:
    return PriceRow("config", "", "x", price, price, price, price)


def model(name: str, window: int | None = None, price: str | None = None, **more: object) -> Candidate:
    made = Candidate(ModelRef("v", name), window, price=None if price is None else row(price))
    return replace(made, **more)  # type: ignore[arg-type]


BIG, SMALL = model("big", 200_000, "5"), model("small", 200_000, "1")
WIDE = model("wide", 1_000_000, "9")
OWN = ModelChoice(BIG.ref, "preferred for format")
NEED = Need("format", 1000, 2000)


@pytest.mark.parametrize(
    ("candidates", "need", "name", "reason"),
    [
        ((BIG, SMALL), NEED, "big", "preferred for format"),
        ((BIG, SMALL), replace(NEED, pressure=DAY), "small", f"cheapest that fits, {DAY}"),
        ((BIG, model("free", price=None)), replace(NEED, pressure=DAY), "big", f"cheapest that fits, {DAY}"),
        ((model("big"), model("b")), replace(NEED, pressure=DAY), "big", "preferred for format"),
        ((BIG, SMALL, WIDE), replace(NEED, tokens=208_000), "wide", "only one with a window for 210,000 tokens"),
        (
            (BIG, WIDE, model("long", 500_000, "2")),
            replace(NEED, tokens=208_000),
            "long",
            "cheapest that fits 210,000 tokens",
        ),
        ((BIG, SMALL), replace(NEED, tokens=300_000), "big", "largest window, though 302,000 tokens may not fit"),
        ((replace(BIG, tools=False), SMALL), replace(NEED, tools=True), "small", "only one that can call tools"),
        ((replace(BIG, images=False), SMALL), replace(NEED, images=True), "small", "only one that can see images"),
        (
            (replace(BIG, tools=False), replace(SMALL, tools=False)),
            replace(NEED, tools=True),
            "big",
            "preferred for format, though none is known that can call tools",
        ),
        (
            (
                replace(BIG, tools=False),
                model("a", pace=ModelSpeed(0.9, 90)),
                model("b", pace=ModelSpeed(0.41, 20)),
                model("c"),
            ),
            replace(NEED, tools=True),
            "b",
            "fastest measured (0.4 s to the first token)",
        ),
        ((replace(BIG, tools=False), model("b"), model("a")), replace(NEED, tools=True), "a",
         "one that fits 3,000 tokens"),
        ((replace(BIG, tools=False),), replace(NEED, tools=True), "big", "preferred for format"),
        ((), NEED, "big", "preferred for format"),
    ],
)  # fmt: skip
def test_the_choice_and_its_reason(candidates: tuple[Candidate, ...], need: Need, name: str, reason: str) -> None:
    assert choose(candidates, OWN, need) == ModelChoice(ModelRef("v", name), reason)


def test_what_is_free_is_cheaper_than_what_is_unknown() -> None:
    free, unknown = model("free", price=None), model("a")
    made = choose((unknown, replace(free, price=FREE_ROW)), ModelChoice(unknown.ref, "x"), replace(NEED, pressure=DAY))
    assert made.model == free.ref


def test_a_price_is_that_of_this_step() -> None:
    """A dear input matters to a long conversation, a dear output to a short one."""
    reads = replace(BIG, price=PriceRow("config", "", "x", "5", "5", "5", "1"))
    writes = replace(SMALL, price=PriceRow("config", "", "x", "1", "1", "1", "50"))
    long, short = Need("format", 100_000, 100, pressure=DAY), Need("format", 100, 2000, pressure=DAY)
    assert choose((reads, writes), OWN, long).model == writes.ref
    assert choose((reads, writes), OWN, short).model == reads.ref


KNOWN = st.one_of(st.none(), st.booleans())
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.builds(ModelRef, st.just("v"), st.sampled_from("abcdef")),
        st.one_of(st.none(), st.integers(1, 10_000)),
        KNOWN,
        KNOWN,
        st.one_of(st.none(), st.just(FREE_ROW), st.builds(row, st.sampled_from(["1", "2", "2.5"]))),
        st.builds(ModelSpeed, st.one_of(st.none(), st.floats(0, 9)), st.one_of(st.none(), st.floats(0, 900))),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda c: c.ref,
)
NEEDS = st.builds(
    Need, st.just("tool"), st.integers(0, 9000), st.integers(0, 2000), st.booleans(), st.booleans(),
    st.sampled_from(["", DAY]),
)  # fmt: skip


@given(CANDIDATES, NEEDS, st.data())
def test_it_keeps_to_its_rules(candidates: list[Candidate], need: Need, data: st.DataObject) -> None:
    own = data.draw(st.sampled_from(candidates))
    mine = ModelChoice(own.ref, "preferred for tool")
    made = choose(candidates, mine, need)
    taken = next(c for c in candidates if c.ref == made.model)
    fitting = [c for c in candidates if not misfit(c, need)]
    assert made.reason
    assert choose(data.draw(st.permutations(candidates)), mine, need) == made
    if fitting and len(candidates) > 1:
        assert not misfit(taken, need)
    if not need.pressure and not misfit(own, need):
        assert made == mine
    if need.pressure and fitting and len(candidates) > 1:
        prices = [p for c in fitting if (p := price_of(c, need)) is not None]
        assert price_of(taken, need) == min(prices, default=None)
