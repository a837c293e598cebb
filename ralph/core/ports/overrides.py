"""What a person sets for the turns to come: who answers, with which settings, over which tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.routing import Routing


@frozen
class TurnOverrides(Data):
    """What holds from the next turn on."""

    routing: Routing = Routing()
    """Who routes, calls tools and answers."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Sampling and other parameters of the request, by name."""
    tools: tuple[str, ...] | None = None
    """The tools that every turn uses, whatever a route would decide: none with (), the route's own choice with None."""
