"""The language of sums: what is written back is the same sum, and what is unclear is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.language.expression import (
    Binary,
    FunctionCall,
    Node,
    NotAnExpression,
    Number,
    Postfix,
    Prefix,
    is_trivial,
    parse,
    show,
)
from ralph.language.numerals import read, with_digits

NUMBERS = st.integers(0, 10**6).map(str) | st.decimals(0, 1000, places=2).map(str)


def _trees(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Binary, st.sampled_from(("+", "-", "*", "/", "^", "mod")), inner, inner),
        st.builds(Prefix, st.just("-"), inner),
        st.builds(Postfix, st.just("!"), inner),
        st.builds(FunctionCall, st.sampled_from(("max", "min")), st.tuples(inner, inner)),
    )


TREES: st.SearchStrategy[Node] = st.recursive(NUMBERS.map(Number), _trees, max_leaves=8)


@given(TREES)
def test_a_tree_that_is_shown_reads_as_the_same_tree(tree: Node) -> None:
    assert show(parse(show(tree))) == show(tree)
    assert parse(show(tree)) == tree


@given(st.text(max_size=200))
def test_any_text_is_an_expression_or_not(text: str) -> None:
    with contextlib.suppress(NotAnExpression):
        assert show(parse(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("17 % of 2,340", "17% of 2340"),
        ("10%3", "10 mod 3"),
        ("10% - 3", "10% - 3"),
        ("half of 50", "1/2 of 50"),
        ("10% of 50 + 20", "(10% of 50) + 20"),
        ("max(1,200)", "max(1, 200)"),
        ("-2^2", "-2^2"),
        ("2^3^2", "2^3^2"),
        ("(2^3)^2", "(2^3)^2"),
        ("10x5", "10 * 5"),
        ("0x5", "0x5"),
        ("5 × 3 ÷ 2", "5 * 3 / 2"),
        ("3² + 4²", "3^2 + 4^2"),
        ("√16", "sqrt(16)"),
        ("two million divided by four", "2000000 / 4"),
    ],
)
def test_forms_of_the_same_sum(text: str, shown: str) -> None:
    assert show(parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "1,5 + 2",
        "17% 2340",
        "6/2(1+2)",
        "2 pi",
        "sqrt 16 + 9",
        "50% + 20%",
        "5 of 7",
        "2026-12-25",
        "12/25/2026",
        "1 < 2 < 3",
        "(1 < 2) + 3",
        "2x + 3",
        "((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))",
        "+".join("1" * 200),
        "",
    ],
)
def test_what_is_unclear_is_refused(text: str) -> None:
    with pytest.raises(NotAnExpression):
        parse(text)


@pytest.mark.parametrize("text", ["42", "-3", "pi", "17%", "(5)"])
def test_a_bare_number_is_nothing_to_compute(text: str) -> None:
    assert is_trivial(parse(text))


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("seven", 7),
        ("twenty-five", 25),
        ("one hundred and five", 105),
        ("two thousand three hundred and forty", 2340),
        ("three million", 3_000_000),
        ("zero", 0),
        ("two three", None),
        ("hundred", None),
        ("one thousand million", None),
        ("one and two", None),
        ("the", None),
    ],
)
def test_numbers_in_words(words: str, number: int | None) -> None:
    assert read(words) == number


def test_fractions_in_words_stay_for_those_who_read_them() -> None:
    assert with_digits("two thirds of ninety") == "two thirds of 90"
