"""Work of a person in a timeline, beside its turns: it streams text, and ends with the whole of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.log.events import Status


@frozen
class SideWorkEnd(Data):
    """How the work ended: its whole text, and what the block keeps beside it."""

    status: Status
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


SideWork = Callable[[Callable[[str], None]], Awaitable[SideWorkEnd]]
"""Receives what shows a piece of text at once. A stop cancels it; then it returns soon what came until then."""
