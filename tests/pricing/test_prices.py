"""Costs are exact, and equal to the bundled table's own arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ralph.core.llm.prices import FREE_ROW, PriceRow, Tier
from ralph.core.llm.usage import Cost, Usage
from ralph.counting import estimate
from ralph.pricing import Prices, cost

AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
PRICES = Prices({}, ["ollama"].__contains__)
MODELS = [
    ("anthropic", "claude-sonnet-5-5"), ("anthropic", "claude-haiku-5-5"), ("anthropic", "claude-opus-5-5"),
    ("anthropic", "claude-haiku-4-5"), ("openai", "gpt-6.1-sol"), ("openai", "gpt-6-luna"), ("openai", "gpt-5.5"),
    ("groq", "openai/gpt-oss-120b"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "model"), MODELS)
@given(
    fresh=st.integers(0, 400_000), read=st.integers(0, 90_000), write=st.integers(0, 90_000), out=st.integers(0, 60_000)
)
@settings(max_examples=40)
def test_a_cost_equals_the_tables_own(provider: str, model: str, fresh: int, read: int, write: int, out: int) -> None:
    row = PRICES.row(provider, model, AT)
    assert row is not None
    usage = Usage(fresh + read + write, read, write, out, 0, "reported")
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.input, cache_read_tokens=read, cache_write_tokens=write, output_tokens=out
        ),
        model,
        provider_id=provider,
        genai_request_timestamp=AT,
    ).total_price
    ours = cost(row, usage)
    assert ours.status == "computed"
    assert abs(Decimal(ours.nano_usd or 0) - theirs * 10**9) <= Decimal("0.5")


def test_half_a_nano_dollar_goes_to_the_even() -> None:
    row = PriceRow("config", "", "m", "0.0005", "0", "0", "0")
    assert [cost(row, Usage(n, source="reported")).nano_usd for n in (1, 3, 5)] == [0, 2, 2]


def test_a_tier_holds_for_the_whole_request() -> None:
    row = PriceRow("config", "", "m", "1", "1", "1", "10", (Tier(100, "2", "2", "2", "20"),))
    assert cost(row, Usage(100, output=1, source="reported")).nano_usd == 100 * 1000 + 10_000
    assert cost(row, Usage(101, output=1, source="reported")).nano_usd == 101 * 2000 + 20_000


def test_what_is_estimated_says_so_and_what_is_unknown_is_not_zero() -> None:
    row = PriceRow("config", "", "m", "1", "1", "1", "1")
    assert cost(row, Usage(5, source="estimated")) == Cost(5000, "estimated")
    assert cost(None, Usage(5, source="reported")) == Cost(None, "unknown")
    assert cost(FREE_ROW, Usage(5, source="reported")) == Cost(0, "free")


def test_an_override_beats_the_table_and_a_free_provider() -> None:
    row = PriceRow("config", "", "m", "1", "1", "1", "1")
    prices = Prices({"ollama:m": row, "anthropic:claude-sonnet-5-5": row}, ["ollama"].__contains__)
    assert prices.row("ollama", "m", AT) is row
    assert prices.row("anthropic", "claude-sonnet-5-5", AT) is row
    assert prices.row("ollama", "other", AT) == FREE_ROW
    assert prices.row("work-vllm", "claude-sonnet-5-5", AT) is None
    assert prices.row("anthropic", "no-such-model", AT) is None


def test_a_row_names_its_table() -> None:
    row = PRICES.row("anthropic", "claude-sonnet-5-5", AT)
    assert row is not None
    assert (row.source, row.matched, row.input, row.output) == ("genai-prices", "claude-sonnet-5-5", "2", "10")
    assert row.version


@given(st.text(max_size=300))
def test_an_estimate_is_never_absurd(text: str) -> None:
    assert (estimate(text) > 0) is bool(text)
    assert estimate(text) <= max(1, len(text))
    assert estimate(text + "word") >= estimate(text)


def test_estimates_err_on_the_high_side() -> None:
    english = "The quick brown fox jumps over the lazy dog and then does it again, for good measure. " * 20
    assert len(english) / 4.8 < estimate(english) < len(english) / 3
    assert estimate("漢字" * 50) >= 60
