"""Probes the usual local model servers: which ones run on this machine, and which models they list."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from ralph import registry
from ralph.core.errors import Failure
from ralph.core.llm.provider import ModelInfo
from ralph.core.ports.discovery import FoundModel, LocalServer
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

log = logging.getLogger("ralph.gateway")

# Seconds. A port on this machine answers at once or not at all.
KNOCK_S = 0.5
LIST_S = 4.0


async def probe(neighbours: Sequence[LocalServer]) -> tuple[FoundModel, ...]:
    """Return the servers that list at least one model, in the given order; all are asked at the same time."""
    asked = await asyncio.gather(*(_ask(n) for n in neighbours))
    return tuple(FoundModel(n, models) for n, models in zip(neighbours, asked, strict=True) if models)


async def _ask(neighbour: LocalServer) -> tuple[ModelInfo, ...]:
    """Return the models of a server, or none if another program answers. A client is built only for an open port."""
    if not await _open(neighbour.base_url):
        return ()
    spec: ProviderSpec = registry.load("providers", neighbour.kind)
    settings = ProviderSettings(
        neighbour.name, neighbour.kind, base_url=neighbour.base_url, connect_s=KNOCK_S, options=spec.options
    )
    provider = spec.open(settings)
    try:
        async with asyncio.timeout(LIST_S):
            return await provider.models()
    except (Failure, TimeoutError) as failure:
        log.info("%s is no %s: %s", neighbour.base_url, neighbour.title, failure)
    except Exception:  # border: the program on this port may answer anything
        log.info("%s is no %s", neighbour.base_url, neighbour.title, exc_info=True)
    finally:
        await provider.aclose()
    return ()


async def _open(url: str) -> bool:
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(KNOCK_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:  # the port answered, and only that was asked
        log.debug("%s closed roughly", url)
    return True
