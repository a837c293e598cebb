"""The price table is loaded once for a model that it lacks, and not in every process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ralph import pricing
from ralph.pricing import Prices
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def test_a_model_that_the_table_lacks_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    table_row = pricing._table_row

    def counted(provider: str, model: str, at: datetime) -> object:
        asked.append(f"{provider}:{model}")
        return table_row(provider, model, at)

    monkeypatch.setattr(pricing, "_table_row", counted)
    monkeypatch.setattr(pricing, "_LOADED", [])
    for _ in range(2):  # as two processes
        store = await SqliteStore.open(tmp_path / "ralph.db", FrozenClock())
        prices = Prices({}, ["ollama"].__contains__, store.prices)
        assert await prices.look_up("mine", "model-1", NOON) is None
        pricing._LOADED.clear()
        await store.close()
    assert asked == ["mine:model-1"]


async def test_another_version_of_the_table_is_asked_again(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "ralph.db", FrozenClock())
    try:
        await store.prices.keep_lack("mine", "model-1", "1.0")
        assert await store.prices.lacks_price("mine", "model-1", "1.0")
        assert not await store.prices.lacks_price("mine", "model-1", "1.1")
        assert not await store.prices.lacks_price("mine", "model-2", "1.0")
    finally:
        await store.close()
