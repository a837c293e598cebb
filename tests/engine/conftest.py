"""One engine for the whole session, in a process of its own, so that a crash of it does not end the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.registry import load
from tests.engine import real_model

HERE = Path(__file__).parent
Opener = Callable[..., Provider]


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """The URL of a llama.cpp server with `tiny-chat.gguf`."""
    pytest.importorskip("xllamacpp")
    command = [sys.executable, str(HERE / "serve.py"), str(HERE / "tiny-chat.gguf")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), f"the engine did not start: {url!r}"
        yield url
        process.terminate()


@pytest.fixture(scope="session")
def smollm() -> Path:
    """The file of a real small model."""
    pytest.importorskip("xllamacpp")
    try:
        return real_model.fetch()
    except real_model.Unavailable as why:
        pytest.skip(f"no real model: {why}")


@pytest.fixture
async def connect(engine: str) -> AsyncIterator[Opener]:
    """`connect(kind, **options)`: a provider whose base_url is the engine."""
    opened: list[Provider] = []

    def connect(kind: str, **options: Any) -> Provider:
        settings = ProviderSettings(name=kind, kind=kind, base_url=f"{engine}/v1", options=options)
        opened.append(load("providers", kind).open(settings))
        return opened[-1]

    yield connect
    for provider in opened:
        await provider.aclose()
