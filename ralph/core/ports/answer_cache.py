"""A store of whole answers, as the response cache needs it."""

from __future__ import annotations

from typing import Protocol


class AnswerCache(Protocol):
    """Answers by the hash of their request; each is one JSON text."""

    async def find(self, key: str, ttl_s: float) -> str | None:
        """The answer, if it is no older than this."""
        ...

    async def keep(self, key: str, data: str, max_bytes: int, timeline: str) -> None:
        """Keep it as long as the timeline that it was made for; the oldest go until all together fit."""
        ...
