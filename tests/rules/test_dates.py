"""Days as people name them."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.language import dates

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 11, 20)),
        ("tomorrow", date(2026, 11, 21)),
        ("2026-12-25", date(2026, 12, 25)),
        ("25.12.2026", date(2026, 12, 25)),
        ("12/25/2026", date(2026, 12, 25)),
        ("25/12/2026", date(2026, 12, 25)),
        ("December 25, 2026", date(2026, 12, 25)),
        ("25th of December 2026", date(2026, 12, 25)),
        ("dec 25", date(2026, 12, 25)),
        ("March 3", date(2027, 3, 3)),
        ("last march 3", date(2026, 3, 3)),
        ("february 29", date(2028, 2, 29)),
        ("Christmas", date(2026, 12, 25)),
        ("last christmas", date(2025, 12, 25)),
        ("christmas next year", date(2027, 12, 25)),
        ("friday", date(2026, 11, 27)),
        ("next Monday", date(2026, 11, 23)),
        ("last friday", date(2026, 11, 13)),
        ("easter", None),
        ("my birthday", None),
        ("2026", None),
    ],
)
def test_reading(text: str, day: date | None) -> None:
    assert dates.read(text, FRIDAY) == day


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "february 30", "3/4/2026", "next sunday", "last monday"])
def test_what_is_no_date_or_could_be_two_is_said(text: str) -> None:
    with pytest.raises(dates.NoSuchDate, match=r"not a date|can mean|never has"):
        dates.read(text, FRIDAY)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_is_read_in_each_of_its_forms(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day} {day:%b} {day.year}",
    ):
        assert dates.read(text, FRIDAY) == day


@given(st.text(max_size=80), st.dates())
def test_any_text_is_a_day_or_not(text: str, today: date) -> None:
    with contextlib.suppress(dates.NoSuchDate):
        assert dates.read(text, today) is None or isinstance(dates.read(text, today), date)


@given(st.sampled_from(dates.WEEKDAYS), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_weekday_is_one_of_the_next_seven_days(name: str, today: date) -> None:
    found = dates.read(name, today)
    assert found is not None
    assert timedelta(1) <= found - today <= timedelta(7)
    assert found.strftime("%A").lower() == name
