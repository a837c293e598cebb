"""Prices: the row that holds for a model, and the exact cost of tokens by that row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

from ralph.core.libraries import load_libraries
from ralph.core.llm.prices import FREE_ROW, PriceRow, Tier
from ralph.core.llm.usage import UNKNOWN_COST, Cost, Usage

_NANO_PER_TOKEN = 1000  # one USD per million tokens is 1,000 nano-dollars a token

# The table's keys for our classes of tokens.
_KEYS = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "output": "output_mtok",
}


TABLE = "genai-prices"

Memory = Callable[[str, str], Awaitable[PriceRow | None]]


class Prices:
    """Looks a model's price up: the configuration first, then the bundled table. Unknown is None, never zero.

    `memory` tells the row of a model's last use, so that the table is loaded only for a model not seen before.
    """

    def __init__(
        self, overrides: Mapping[str, PriceRow], free: Callable[[str], bool], memory: Memory | None = None
    ) -> None:
        self._overrides = overrides
        self._free = free
        self._memory = memory

    def find_loaded(self, provider: str, model: str) -> PriceRow | None:
        """The row where it can be told without loading the table (0.1 s)."""
        row = self._overrides.get(f"{provider}:{model}")
        if row is None and self._free(provider):
            return FREE_ROW
        return row

    async def recall(self, provider: str, model: str) -> PriceRow | None:
        """The row as above, or as it was used last, if the table is still the same."""
        row = self.find_loaded(provider, model)
        if row is not None or self._memory is None:
            return row
        row = await self._memory(provider, model)
        return row if row and (row.source, row.version) == (TABLE, _version()) else None

    async def at_hand(self, provider: str, model: str, at: datetime) -> PriceRow | None:
        """The row as above, or from the table if something else has loaded it already."""
        row = await self.recall(provider, model)
        return row or (_table_row(provider, model, at) if _LOADED else None)

    def window(self, provider: str, model: str) -> int | None:
        """The model's window as the table has it; None where it does not, and where it is not loaded."""
        if not _LOADED:
            return None
        try:
            found: int | None = _table_model(provider, model).context_window
        except LookupError:
            return None
        return found

    def names(self, kind: str) -> tuple[str, ...]:
        """The models of a provider of this kind that the table lists. Loads the table on first use (0.1 s)."""
        snapshot = _snapshot()
        found = next((one for one in snapshot.providers if one.id == kind), None)
        return tuple(model.id for model in found.models) if found else ()

    def row(self, provider: str, model: str, at: datetime) -> PriceRow | None:
        """The row that holds at this moment. Loads the table on first use: call it off the event loop."""
        return self.find_loaded(provider, model) or _table_row(provider, model, at)


@cache
def _version() -> str:
    from importlib.metadata import version

    return version(TABLE)


# Says that the table is there, without importing it to find out.
_LOADED: list[bool] = []


def _snapshot() -> Any:
    snapshot = load_libraries("genai_prices", "genai_prices.data_snapshot").get_snapshot()
    if not _LOADED:
        _LOADED.append(True)
    return snapshot


def _table_model(provider: str, model: str) -> Any:
    """The table's entry. Raises `LookupError`."""
    return _snapshot().find_provider_model(model, None, provider, None)[1]


def _table_row(provider: str, model: str, at: datetime) -> PriceRow | None:
    try:
        found = _table_model(provider, model)
    except LookupError:
        return None
    prices: Any = found.get_prices(at)
    rates = {name: getattr(prices, key) for name, key in _KEYS.items()}
    if rates["input"] is None or rates["output"] is None:
        return None
    starts = sorted({tier.start for rate in rates.values() for tier in getattr(rate, "tiers", ())})
    tiers = tuple(Tier(start, *_classes(rates, start + 1)) for start in starts)
    return PriceRow(TABLE, _version(), found.id, *_classes(rates, 0), tiers)


def _classes(rates: Mapping[str, Any], tokens: int) -> tuple[str, str, str, str]:
    """The rates for a request of this many input tokens; a cache class left out costs as input."""
    fresh = _at(rates["input"], tokens) or "0"
    read, write = _at(rates["cache_read"], tokens), _at(rates["cache_write"], tokens)
    return fresh, read or fresh, write or fresh, _at(rates["output"], tokens) or "0"


def _at(rate: Any, tokens: int) -> str | None:
    if rate is None:
        return None
    chosen = getattr(rate, "base", rate)
    for tier in getattr(rate, "tiers", ()):
        if tokens > tier.start:
            chosen = tier.price
    return format(chosen, "f")


def settle_cost(row: PriceRow | None, usage: Usage, stated: int | None) -> Cost:
    """What an attempt cost: by the person's own price, else as its server states it, else by the table.

    `stated`: nano-dollars. A provider that the person calls free is free.
    """
    if usage.source == "none":
        return Cost()
    if stated is not None and (row is None or row.source == TABLE):
        return Cost(stated, "reported")
    return cost(row, usage)


def cost(row: PriceRow | None, usage: Usage) -> Cost:
    """What these tokens cost by this row, rounded half-even to a nano-dollar. No row: unknown."""
    if row is None:
        return UNKNOWN_COST
    if row.free:
        return Cost(0, "free")
    rates: PriceRow | Tier = row
    for tier in row.tiers:
        if usage.input > tier.above:
            rates = tier
    fresh = usage.input - usage.cache_read - usage.cache_write
    exact = (
        fresh * Decimal(rates.input)
        + usage.cache_read * Decimal(rates.cache_read)
        + usage.cache_write * Decimal(rates.cache_write)
        + usage.output * Decimal(rates.output)
    ) * _NANO_PER_TOKEN
    nano = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    return Cost(nano, "estimated" if usage.source in ("estimated", "counted") else "computed")
