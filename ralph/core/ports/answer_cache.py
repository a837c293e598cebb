"""A store of whole answers, as the response cache needs it."""

from __future__ import annotations

from typing import Protocol


class AnswerCache(Protocol):
    """Stores answers by the hash of their request; each is one JSON text."""

    async def find(self, key: str, ttl_s: float) -> str | None:
        """Return the answer if it is at most `ttl_s` seconds old, else None."""
        ...

    async def keep(self, key: str, data: str, max_bytes: int, timeline: str) -> None:
        """Store the answer as long as its timeline exists; the oldest answers go until all fit."""
        ...
