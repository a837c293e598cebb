"""What a feed needs of a conversation; a replay is no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ralph.core.log.listener import EventListener
from ralph.core.timeline.timeline import Timeline


class TimelineSource(Protocol):
    """Turns and work, as far as they have come, and what comes of them from now on."""

    @property
    def roles(self) -> Mapping[str, str]: ...

    def timeline(self) -> Timeline: ...

    @property
    def partial(self) -> bool: ...

    async def whole(self) -> Timeline: ...

    def attach(self, view: EventListener) -> None: ...

    def detach(self, view: EventListener) -> None: ...
