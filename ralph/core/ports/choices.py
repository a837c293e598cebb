"""The choices of a person at run time that are kept for later starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

# A theme, a model, a rule; a cap in US dollars, or None for no cap.
ChosenValue = str | float | None


class ChoiceService(Protocol):
    """Choices by their keys of the configuration: `ui.theme`, `routing.format`, `budget.day`, `tools.PATTERN`."""

    async def keep(self, values: Mapping[str, ChosenValue]) -> str:
        """Keep these values for later starts. Return why they do not last, in words; empty if they do."""
        ...

    async def forget(self, *keys: str) -> str:
        """Drop the choices at these keys and below them. Return why that does not last, in words; empty if it does."""
        ...

    def find_configured(self, key: str) -> ChosenValue:
        """Return the value of a flag, the environment, the configuration file or the default, without the choice."""
        ...
