"""Sums of tokens and money: exact, and only as good as their worst part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.llm.usage import Cost, Usage, dollars, total_cost, total_usage

COSTS = st.one_of(
    st.builds(Cost, st.integers(0, 10**15), st.sampled_from(["reported", "computed", "estimated"])),
    st.just(Cost(0, "free")),
    st.just(Cost(None, "unknown")),
)


def test_no_attempts_cost_nothing() -> None:
    assert total_cost([]) == Cost(0, "free")
    assert total_usage([]) == Usage(source="none")


def test_where_nothing_is_known_the_sum_is_null() -> None:
    assert total_cost([Cost(None, "unknown"), Cost(None, "unknown")]) == Cost(None, "unknown")


def test_an_unknown_part_makes_a_sum_a_lower_bound() -> None:
    total = total_cost([Cost(4_200_000, "computed"), Cost(None, "unknown")])
    assert total == Cost(4_200_000, "unknown")
    assert dollars(total) == "≥ $0.0042"


def test_the_worst_source_wins() -> None:
    parts = [Usage(input=1, source="reported"), Usage(input=2, source="estimated"), Usage(source="none")]
    assert total_usage(parts) == Usage(input=3, source="estimated")


@given(st.lists(st.lists(COSTS)))
def test_a_sum_of_sums_is_the_sum(groups: list[list[Cost]]) -> None:
    flat = total_cost(c for group in groups for c in group)
    assert total_cost(total_cost(group) for group in groups if group) == flat


@pytest.mark.parametrize(
    ("nano", "shown"),
    [(0, "$0"), (42, "$0.000000042"), (370_000, "$0.00037"), (4_200_000, "$0.0042"), (31_000_000, "$0.031"),
     (1_200_000_000, "$1.20"), (12_345_678_900, "$12.35")],
)  # fmt: skip
def test_dollars_never_round_to_nothing(nano: int, shown: str) -> None:
    assert dollars(Cost(nano, "computed")) == shown


def test_free_and_unknown_are_words() -> None:
    assert dollars(Cost()) == "free"
    assert dollars(Cost(None, "unknown")) == "unknown"
    assert dollars(Cost(4_200_000, "estimated")) == "~$0.0042"
