"""A store on a fresh file, and logs to put into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[SqliteStore]:
    made = await SqliteStore.open(tmp_path / "ralph.db", clock)
    yield made
    await made.close()
