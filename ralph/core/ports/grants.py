"""A grant: an answer of a person to a tool call that covers later calls too."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen


@frozen
class GrantRow(Data):
    """A grant in a list."""

    rule: str
    scope: Literal["turn", "timeline", "always"]
    since: str
    """When it was given, as an ISO time."""
    timeline: str | None = None
    """The timeline that it holds in; None for every one."""
