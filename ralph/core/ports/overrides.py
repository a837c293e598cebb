"""The choices of a person for the next turns: models, settings and tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.routing import Routing


@frozen
class TurnOverrides(Data):
    """The choices from the next turn on."""

    routing: Routing = Routing()
    """The models that route, call tools and answer."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Sampling and other parameters of the request, by name."""
    tools: tuple[str, ...] | None = None
    """The tools that every turn uses, whatever a route decides: none with (), the route's own choice with None."""
