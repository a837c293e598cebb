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
async def connect(server: Server) -> AsyncIterator[Opener]:
    """`connect(wire, **settings)`: a provider whose base_url is the server."""
    opened: list[Provider] = []

    def connect(wire: Wire, **settings: Any) -> Provider:
        opened.append(wire.open(server, **settings))
        return opened[-1]

    yield connect
    for provider in opened:
        await provider.aclose()
