"""Asks an Ollama server whether it is still loading the model, while the answer is late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.llm.request import Item, Waiting
from ralph.providers._http import HttpTransport

log = logging.getLogger("ralph.providers")

# Seconds before the first question: a loaded model starts sooner, unless it reads a long prompt.
QUIET_S = 1.0
# Seconds between two looks at a listed model: long enough for its expiry to move.
AGAIN_S = 0.25


async def beginning(
    items: AsyncGenerator[Item, None], loading: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[Item, None]:
    """Return the first item of an answer, after a `Waiting` if it is late because the model is loading."""
    first = background.start(_first(items), "an answer's beginning")
    tasks: list[asyncio.Task[Any]] = [first]
    try:
        await asyncio.wait(tasks, timeout=QUIET_S)
        if not first.done():
            asking = background.start(_ask(loading), "the question whether a model is loading")
            tasks.append(asking)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not first.done() and asking.result():
                yield Waiting("loading")
        item = await first
    finally:
        await cancel_and_wait(tasks)
    if item is not None:
        yield item


async def is_loading(door: HttpTransport, model: str) -> bool:
    """Return whether the server is loading this model.

    The server lists a model as soon as loading starts. Until the first request is done, the server calculates the
    reported expiry from the time of the question (server/routes.go, PsHandler), so the expiry moves between two looks.
    """
    before = await _expiry(door, model)
    if before is None:
        return True
    await asyncio.sleep(AGAIN_S)
    after = await _expiry(door, model)
    return after is None or after != before


async def _expiry(door: HttpTransport, model: str) -> str | None:
    """Return the model's time of unloading in the server's words; None if the model is not listed as loaded."""
    listed: Mapping[str, Any] = await door.ask("GET", "/api/ps")
    wanted = _full(model)
    rows = (row for row in listed.get("models") or () if wanted in (_full(row["name"]), _full(row["model"])))
    row = next(rows, None)
    return None if row is None else str(row.get("expires_at"))


def _full(model: str) -> str:
    """Return the name with its tag, as the server distinguishes models."""
    name = model.lower()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


async def _first(items: AsyncGenerator[Item, None]) -> Item | None:
    return await anext(items, None)


async def _ask(loading: Callable[[], Awaitable[bool]]) -> bool:
    """Ask whether the model is loading. A failure of this question is ignored, since only the answer matters."""
    try:
        return await loading()
    except Exception:  # border: the server's list may have any form
        log.debug("the server did not say whether it is loading", exc_info=True)
        return False
