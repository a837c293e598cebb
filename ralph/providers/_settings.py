"""Reports the settings of a request that a wire does not accept. No setting is dropped silently."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any

from ralph.core.llm.request import Ignored, Item, Request


def find_ignored(request: Request, taken: Collection[str]) -> tuple[Ignored, ...]:
    """Return the given settings that the wire does not accept. A route expects none, so it reports nothing."""
    given = {name for name, value in request.settings.items() if value is not None and (name, value) != NO_THOUGHTS}
    left = sorted(given - set(taken))
    return (Ignored(tuple(left)),) if left and request.role != "route" else ()


def report_ignored(
    request: Request, taken: Collection[str], items: AsyncGenerator[Item, None]
) -> AsyncGenerator[Item, None]:
    """Yield the report and then the items; with nothing to report, return the same generator."""
    words = find_ignored(request, taken)
    return _after(words, items) if words else items


async def _after(words: tuple[Ignored, ...], items: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    async with aclosing(items):
        for word in words:
            yield word
        async for item in items:
            yield item


def looks_for_tags(options: Mapping[str, Any]) -> bool:
    """Return whether `think_tags` is `auto` and not `off`; YAML may have read the value as a boolean."""
    return options.get("think_tags", "auto") not in ("off", False)


# Ignoring this setting is no loss: a model that cannot think never does.
NO_THOUGHTS = ("thinking", "off")
