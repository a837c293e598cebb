"""The line about a turn that goes to standard error."""

from __future__ import annotations

from ralph.core.llm.usage import UNKNOWN_COST, Cost, Usage
from ralph.headless.outcome import sum_line

USED = Usage(input=400, output=60, source="reported")


def test_an_unknown_cost_says_that_it_is_the_cost() -> None:
    assert sum_line(USED, UNKNOWN_COST, 600.0, asked=True) == "─ 0.6s · 400↑ 60↓ · cost unknown"
    assert sum_line(USED, Cost(1_500_000, "computed"), 600.0, asked=True) == "─ 0.6s · 400↑ 60↓ · $0.0015"
