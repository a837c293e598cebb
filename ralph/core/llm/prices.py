"""The row of a price table that a cost was computed from, stored whole so that old costs never change."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen

TokenClass = Literal["input", "cache_read", "cache_write", "output"]


@frozen
class Tier(Data):
    """Rates for the whole request if its input exceeds `above` tokens."""

    above: int
    input: str
    cache_read: str
    cache_write: str
    output: str


@frozen
class PriceRow(Data):
    """USD per million tokens as exact decimal text, with the table, its version and the matching id.

    `input` is for tokens that were neither read from nor written to a cache.
    """

    source: str
    version: str
    matched: str
    input: str
    cache_read: str
    cache_write: str
    output: str
    tiers: tuple[Tier, ...] = ()
    free: bool = False


FREE_ROW = PriceRow("local", "", "", "0", "0", "0", "0", free=True)
