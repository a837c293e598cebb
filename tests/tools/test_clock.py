"""The clock, on a frozen Friday."""

from __future__ import annotations

import pytest

from ralph.core.llm.tool import ToolFailure
from tests.tools.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"action": "now", "zone": "Asia/Tokyo"}, "It is 23:02 (Asia/Tokyo) on Friday, November 20, 2026"),
        ({"action": "now", "zone": "America/New_York"}, "It is 09:02"),
        ({"action": "day", "date": "2026-12-25"}, "is a Friday"),
        ({"action": "day", "date": "1066-10-14"}, "Gregorian calendar"),
        ({"action": "week", "date": "2027-01-01"}, "ISO week 53 of 2026"),
        ({"action": "difference", "date": "2026-01-01", "to": "2026-03-01"}, "59 days"),
        ({"action": "difference", "date": "2026-03-01", "to": "2026-01-01"}, "59 days before"),
        ({"action": "difference", "date": "2024-02-29", "to": "2026-02-28"}, "1 year, 11 months and 30 days"),
        ({"action": "shift", "date": "2026-01-31", "amount": 1, "unit": "months"}, "2026-02-28"),
        ({"action": "shift", "date": "2024-02-29", "amount": -1, "unit": "years"}, "2023-02-28"),
        ({"action": "shift", "amount": "90"}, "2027-02-18"),
        ({"action": "leap", "year": 2000}, "2000 is a leap year"),
        ({"action": "leap", "year": 2100}, "not a leap year"),
        ({"action": "next_leap"}, "2028"),
        ({"action": "length", "month": 2, "year": 2028}, "29 days"),
        ({"action": "left"}, "41 days are left in 2026"),
    ],
)
async def test_answers(arguments: dict[str, object], said: str, run: Run) -> None:
    assert said in await run("clock", **arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs the argument 'action'"),
        ({"action": "nap"}, "must be one of"),
        ({"action": "day", "date": "soon"}, "YYYY-MM-DD"),
        ({"action": "day", "date": "2026-02-30"}, "not a date"),
        ({"action": "now", "zone": "Mars/Olympus"}, "no time zone"),
        ({"action": "now", "zone": "../../etc/passwd"}, "no time zone"),
        ({"action": "shift"}, "needs an amount"),
        ({"action": "shift", "amount": 1_000_000, "unit": "years"}, "beyond the calendar"),
        ({"action": "shift", "amount": True}, "whole number"),
        ({"action": "shift", "amount": 1.5}, "whole number"),
        ({"action": "leap", "year": 0}, "from 1 to 9999"),
        ({"action": "now", "mood": "good"}, "no argument 'mood'"),
    ],
)
async def test_wrong_arguments_are_said(arguments: dict[str, object], said: str, run: Run) -> None:
    with pytest.raises(ToolFailure, match=said):
        await run("clock", **arguments)
