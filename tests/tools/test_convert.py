"""Units: exact where the definitions are, and no guessing."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.llm.tool import ToolFailure
from ralph.language import quantities, units
from ralph.tools.convert import convert


@pytest.mark.parametrize(
    ("quantity", "to", "said"),
    [
        ("10 km", "miles", "10 km ≈ 6.21371 miles"),
        ("1 foot", "inches", "1 foot = 12 inches"),
        ("5'10\"", "cm", "5'10\" = 177.8 cm"),
        ("1 hour and 30 minutes", "seconds", "= 5400 seconds"),
        ("98.6 F", "C", "98.6 °F = 37 °C"),
        ("0 K", "celsius", "0 K = -273.15 °C"),
        ("1 MB", "KB", "= 1000 KB (decimal units"),
        ("8 Mbit", "MB", "= 1 MB"),
        ("1 GiB", "bytes", "= 1073741824 bytes"),
        ("8 ounces", "ml", "(US fluid ounces)"),
        ("16 ounces", "pounds", "= 1 pounds"),
        ("180 degrees", "radians", "≈ 3.14159 radians"),
        ("1 year", "days", "= 365 days (years of 365 days)"),
        ("100 m2", "sq ft", "≈ 1076.39 sq ft"),
        ("three miles", "feet", "= 15840 feet"),
    ],
)
def test_conversions(quantity: str, to: str, said: str) -> None:
    assert said in convert(quantity, to)


@pytest.mark.parametrize(
    ("quantity", "to", "said"),
    [
        ("10 km", "kg", "length"),
        ("10 apples", "kg", "not an amount"),
        ("10 km", "parsnips", "not a known unit"),
        ("-300 C", "F", "absolute zero"),
        ("km", "miles", "not an amount"),
        ("1/0 km", "miles", "not an amount"),
        ("10", "miles", "not an amount"),
    ],
)
def test_what_cannot_be_converted_is_said(quantity: str, to: str, said: str) -> None:
    with pytest.raises(ToolFailure, match=said):
        convert(quantity, to)


@given(
    st.sampled_from(["km", "mile", "inch", "lb", "kg", "gallon", "acre", "mph", "day", "kWh", "psi", "F", "K", "GiB"])
)
def test_there_and_back_is_the_same(name: str) -> None:
    unit = units.find(name)
    assert unit is not None
    amount = Fraction(355, 113)
    base = amount * unit.factor + unit.offset
    assert (base - unit.offset) / unit.factor == amount


@given(st.text(max_size=130), st.text(max_size=40))
def test_any_text_is_a_quantity_or_not(text: str, name: str) -> None:
    found = quantities.read(text)
    assert found is None or found.parts
    units.find(name)
    with contextlib.suppress(ToolFailure):
        assert convert(text, name)
