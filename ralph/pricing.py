"""Prices: the row that applies to a model, and the exact cost of tokens by that row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

from ralph.core.libraries import load_libraries
from ralph.core.llm.prices import FREE_ROW, PriceRow, Tier
from ralph.core.llm.usage import UNKNOWN_COST, Cost, Usage
from ralph.core.ports.prices import PriceMemory

_NANO_PER_TOKEN = 1000  # one USD per million tokens is 1,000 nano-dollars a token

# The table's keys for ralph's classes of tokens.
_KEYS = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "output": "output_mtok",
}


TABLE = "genai-prices"

# From a provider and a model as ralph names them to the vendor and the model of the table.
Translate = Callable[[str, str], tuple[str, str]]


class Prices:
    """Looks up a model's price: the configuration first, then the bundled table. Unknown is None, never zero.

    The table is loaded only for a model that the `memory` does not know. `translate` returns the names of the table.
    """

    def __init__(
        self,
        overrides: Mapping[str, PriceRow],
        free: Callable[[str], bool],
        memory: PriceMemory | None = None,
        translate: Translate = lambda provider, model: (provider, model),
    ) -> None:
        self._overrides = overrides
        self._free = free
        self._memory = memory
        self._translate = translate

    def find_loaded(self, provider: str, model: str) -> PriceRow | None:
        """Return the row if it is known without loading the table (0.1 s)."""
        row = self._overrides.get(f"{provider}:{model}")
        if row is None and self._free(provider):
            return FREE_ROW
        return row

    async def recall(self, provider: str, model: str) -> PriceRow | None:
        """Return the row as above, or the last used one if the table is still the same."""
        row = self.find_loaded(provider, model)
        # A deployment may have got another model since its last use.
        if row is not None or self._memory is None or self._translate(provider, model)[1] != model:
            return row
        row = await self._memory.last_price(provider, model)
        return row if row and (row.source, row.version) == (TABLE, _version()) else None

    async def at_hand(self, provider: str, model: str, at: datetime) -> PriceRow | None:
        """Return the row as above, or from the table if it is already loaded."""
        row = await self.recall(provider, model)
        return row or (_table_row(*self._translate(provider, model), at) if _LOADED else None)

    async def look_up(self, provider: str, model: str, at: datetime) -> PriceRow | None:
        """Return the row, if need be from the table, which a thread loads; what the table lacks is asked for once."""
        known = await self.at_hand(provider, model, at)
        named = self._translate(provider, model)
        if known is not None or (self._memory and await self._memory.lacks_price(*named, _version())):
            return known
        row = await asyncio.to_thread(_table_row, *named, at)
        if row is None and self._memory:
            await self._memory.keep_lack(*named, _version())
        return row

    def window(self, provider: str, model: str) -> int | None:
        """Return the model's window in the table; None if the table has none or is not loaded."""
        if not _LOADED:
            return None
        try:
            found: int | None = _table_model(*self._translate(provider, model)).context_window
        except LookupError:
            return None
        return found

    def names(self, provider: str) -> tuple[str, ...]:
        """Return the models of this provider in the table. Loads the table on first use (0.1 s)."""
        vendor, snapshot = self._translate(provider, "")[0], _snapshot()
        found = next((one for one in snapshot.providers if one.id == vendor), None)
        return tuple(model.id for model in found.models) if found else ()

    def row(self, provider: str, model: str, at: datetime) -> PriceRow | None:
        """Return the row that applies at this moment. Loads the table on first use: call it off the event loop."""
        return self.find_loaded(provider, model) or _table_row(*self._translate(provider, model), at)


@cache
def _version() -> str:
    from importlib.metadata import version

    return version(TABLE)


# Says that the table is loaded, without importing it to find out.
_LOADED: list[bool] = []


def _snapshot() -> Any:
    snapshot = load_libraries("genai_prices", "genai_prices.data_snapshot").get_snapshot()
    if not _LOADED:
        _LOADED.append(True)
    return snapshot


def _table_model(provider: str, model: str) -> Any:
    """Return the table's entry. Raises `LookupError`."""
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
    """Return the rates for a request of this many input tokens; a missing cache class costs as input."""
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
    """Return the cost of an attempt: by the person's own price, else as stated by its server, else by the table.

    `stated`: nano-dollars. A provider that the person declares free is free.
    """
    if usage.source == "none":
        return Cost()
    if stated is not None and (row is None or row.source == TABLE):
        return Cost(stated, "reported")
    return cost(row, usage)


def cost(row: PriceRow | None, usage: Usage) -> Cost:
    """Return the cost of these tokens by this row, rounded half-even to a nano-dollar. Without a row it is unknown."""
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
