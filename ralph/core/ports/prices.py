"""What is kept of price lookups."""

from __future__ import annotations

from typing import Protocol

from ralph.core.llm.prices import PriceRow


class PriceMemory(Protocol):
    """What earlier processes found in the table, so that it is loaded only for a new model."""

    async def last_price(self, provider: str, model: str) -> PriceRow | None:
        """Return the row of the model's last use."""
        ...

    async def lacks_price(self, provider: str, model: str, version: str) -> bool:
        """Return whether the table of this version has no row for the model."""
        ...

    async def keep_lack(self, provider: str, model: str, version: str) -> None:
        """Keep that the table of this version has no row for the model."""
        ...
