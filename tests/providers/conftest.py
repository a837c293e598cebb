"""A running loopback server, and a way to open providers on it that are closed afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from ralph.core.llm.provider import Provider
from tests.providers.wires import Wire
from tests.wires.server import Server

Opener = Callable[..., Provider]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
def transport() -> str:
    """Replaced by a test that takes both: `@BOTH`."""
    return ""


# By the vendor's SDK and by httpx.
BOTH = pytest.mark.parametrize("transport", ["sdk", "http"])


@pytest.fixture
async def connect(server: Server, transport: str) -> AsyncIterator[Opener]:
    """`connect(wire, **settings)`: a provider whose base_url is the server."""
    opened: list[Provider] = []

    def connect(wire: Wire, **settings: Any) -> Provider:
        if transport:
            settings["options"] = {"transport": transport, **settings.get("options", {})}
        opened.append(wire.open(server, **settings))
        return opened[-1]

    yield connect
    for provider in opened:
        await provider.aclose()
