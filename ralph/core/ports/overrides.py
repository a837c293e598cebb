"""What a person sets for the turns to come: who answers, with which settings, over which tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen


@frozen
class TurnOverrides(Data):
    """`models`: role to what was written for it (a ref, an alias, `auto`, `rules`). `settings`: sampling and the like.

    `tools` are those that every turn shall use, whatever a route would decide: none of them with (), the route's own
    choice with None.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    tools: tuple[str, ...] | None = None
