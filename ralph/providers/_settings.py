"""Settings of a request that a wire does not take: told, never dropped without a word."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any

from ralph.core.llm.request import Ignored, Item, Request


def find_ignored(request: Request, taken: Collection[str]) -> tuple[Ignored, ...]:
    """Word of the settings that are given and not among those taken. A route takes none by itself, so it is silent."""
    given = {name for name, value in request.settings.items() if value is not None and (name, value) != NO_THOUGHTS}
    left = sorted(given - set(taken))
    return (Ignored(tuple(left)),) if left and request.role != "route" else ()


def report_ignored(
    request: Request, taken: Collection[str], items: AsyncGenerator[Item, None]
) -> AsyncGenerator[Item, None]:
    """The items, with that word before them; the same generator where there is none to say."""
    words = find_ignored(request, taken)
    return _after(words, items) if words else items


async def _after(words: tuple[Ignored, ...], items: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    async with aclosing(items):
        for word in words:
            yield word
        async for item in items:
            yield item


def looks_for_tags(options: Mapping[str, Any]) -> bool:
    """`think_tags`: `auto` or `off`, which YAML may have read as a truth value."""
    return options.get("think_tags", "auto") not in ("off", False)


# Not to think is what a model that cannot think does anyway.
NO_THOUGHTS = ("thinking", "off")
