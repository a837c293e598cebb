"""Word that an Ollama server is still loading the model, asked beside an answer that does not come."""

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

# A loaded model begins sooner than this, or is reading a long prompt; nobody is asked before.
QUIET_S = 1.0
# Between two looks at a model that is listed: long enough for its expiry to have moved.
AGAIN_S = 0.25


async def beginning(
    items: AsyncGenerator[Item, None], loading: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[Item, None]:
    """The first item of an answer, and before it `Waiting`, if it is late because the model is being loaded."""
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
    """The server is loading this model.

    It lists a model as soon as it begins to load it. Until the first request on it is done, the expiry that it tells
    is reckoned from the moment of the question (server/routes.go, PsHandler), so it moves between two looks.
    """
    before = await _expiry(door, model)
    if before is None:
        return True
    await asyncio.sleep(AGAIN_S)
    after = await _expiry(door, model)
    return after is None or after != before


async def _expiry(door: HttpTransport, model: str) -> str | None:
    """When the model will be unloaded, in the server's words; None if it is not listed as loaded."""
    listed: Mapping[str, Any] = await door.ask("GET", "/api/ps")
    wanted = _full(model)
    rows = (row for row in listed.get("models") or () if wanted in (_full(row["name"]), _full(row["model"])))
    row = next(rows, None)
    return None if row is None else str(row.get("expires_at"))


def _full(model: str) -> str:
    """A name with its tag, as the server tells them apart."""
    name = model.lower()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


async def _first(items: AsyncGenerator[Item, None]) -> Item | None:
    return await anext(items, None)


async def _ask(loading: Callable[[], Awaitable[bool]]) -> bool:
    """Asking is a courtesy: whatever goes wrong with it, the answer is what counts."""
    try:
        return await loading()
    except Exception:  # border: the server's list may have any form
        log.debug("the server did not say whether it is loading", exc_info=True)
        return False
