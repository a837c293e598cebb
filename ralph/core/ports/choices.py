"""What a person chooses while ralph runs, and keeps for every later start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

# A theme, a model, a rule; a cap in US dollars, None for no cap.
ChosenValue = str | float | None


class ChoiceService(Protocol):
    """Choices by their keys of the configuration: `ui.theme`, `routing.format`, `budget.day`, `tools.PATTERN`."""

    async def keep(self, values: Mapping[str, ChosenValue]) -> str:
        """Keep these for every later start. Returns why they do not last, in words; empty where they do."""
        ...

    async def forget(self, *keys: str) -> str:
        """Drop what was chosen at these keys and below them. Returns why that does not last, as above."""
        ...

    def find_configured(self, key: str) -> ChosenValue:
        """What a flag, the environment, the configuration file or the default says, without the person's choice."""
        ...
