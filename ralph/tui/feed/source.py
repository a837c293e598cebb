"""The part of a conversation that a feed needs. A replay has only this part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ralph.core.log.listener import EventListener
from ralph.core.timeline.timeline import Timeline


class TimelineSource(Protocol):
    """The turns and the work so far, and the events from now on."""

    @property
    def roles(self) -> Mapping[str, str]: ...

    def timeline(self) -> Timeline: ...

    @property
    def partial(self) -> bool: ...

    async def whole(self) -> Timeline: ...

    def attach(self, view: EventListener) -> None: ...

    def detach(self, view: EventListener) -> None: ...
