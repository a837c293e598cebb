"""Settings: what is read, what is refused and why."""

from __future__ import annotations

import pytest

from ralph.core.errors import Failure, Kind
from ralph.core.llm.sampling import SETTINGS, key_of, value_of


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("temperature", "0", 0), ("temperature", "0.70", 0.7), ("top_p", "1", 1), ("top_k", "40", 40), ("seed", "0", 0),
     ("max_output", "4_096", 4096), ("max_output", "16,000", 16000), ("effort", "HIGH", "high"),
     ("thinking", "off", "off"), ("thinking", "2048", 2048), ("stop", " END ", "END"),
     ("presence_penalty", "-1.5", -1.5)],
)  # fmt: skip
def test_what_is_read(key: str, text: str, value: object) -> None:
    assert value_of(key, text) == value
    assert type(value_of(key, text)) is type(value)


@pytest.mark.parametrize(
    ("key", "text"),
    [("temperature", "2.1"), ("temperature", "-0.1"), ("temperature", "nan"), ("temperature", "inf"),
     ("temperature", "hot"), ("top_p", "1.01"), ("top_k", "0"), ("top_k", "1.5"), ("seed", "-1"), ("max_output", "0"),
     ("max_output", "9" * 40), ("max_output", "²"), ("effort", "much"), ("thinking", "100"), ("thinking", "maybe"),
     ("stop", "  ")],
)  # fmt: skip
def test_what_is_out_of_range_is_refused_with_its_range(key: str, text: str) -> None:
    with pytest.raises(Failure) as refused:
        value_of(key, text)
    assert refused.value.kind is Kind.USAGE
    assert SETTINGS[key].says in refused.value.message


def test_other_names_for_the_same_and_near_misses() -> None:
    assert [key_of(w) for w in ("max_tokens", "Max-Output", "reasoning_effort", "TOP_P")] == [
        "max_output", "max_output", "effort", "top_p",
    ]  # fmt: skip
    with pytest.raises(Failure, match="did you mean temperature"):
        key_of("temprature")
