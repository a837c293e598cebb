"""The account of a long ledger, beside the plain sum in Python: `python -m tests.bench.usage [COUNT]`."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from ralph.store.sqlite.store import SqliteStore
from tests.bench.serving import row
from tests.frozen import FrozenClock
from tests.store.plain_sum import spending

ROUNDS = 3
_NAMES = (
    "timeline, attempt, block, turn, role, started_at, day, provider, model, outcome, input, output, usage_source,"
    " nano_usd, cost_status, ttft_ms, duration_ms"
)


def fill(path: Path, count: int) -> None:
    """Attempts of 1,000 timelines over a year."""
    chance = random.Random(1)
    with contextlib.closing(sqlite3.connect(path)) as database:
        for n in range(count):
            day = f"2026-{n * 12 // count + 1:02}-{chance.randint(1, 28):02}"
            block = f"{n // 1000 + 1}.4"
            made = (f"t{n % 1000:09d}", f"{block}a1", block, n // 1000 + 1, "format", f"{day}T{n:09d}", day)
            figures = (
                chance.randint(1, 9000),
                chance.randint(1, 900),
                "reported",
                chance.randint(1, 10**7),
                "computed",
            )
            times = (chance.uniform(50, 900), chance.uniform(1000, 9000))
            values = (*made, "mine", f"m{n % 7}", "ok", *figures, *times)
            database.execute(f"INSERT INTO attempts ({_NAMES}) VALUES ({', '.join('?' * len(values))})", values)
        database.commit()


def plain(path: Path) -> None:
    """All rows into Python, grouped and summed there."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(r) for r in database.execute("SELECT * FROM attempts WHERE outcome <> '' ORDER BY started_at")]
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in rows:
        groups[one["day"]].append(one)
    for name, group in [*groups.items(), ("total", rows)]:
        spending(name, group)


async def measure(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await SqliteStore.open(Path(folder) / "ralph.db", FrozenClock())
        fill(store.path, count)
        found: dict[str, list[float]] = {"plain": [], "store": []}
        for _ in range(ROUNDS):
            began = time.perf_counter()
            plain(store.path)
            middle = time.perf_counter()
            await store.usage.report("day")
            found["plain"].append((middle - began) * 1000)
            found["store"].append((time.perf_counter() - middle) * 1000)
        await store.close()
    base = row(f"{count} attempts: summed in Python", found["plain"], "ms")
    row(f"{count} attempts: the store's account", found["store"], "ms", base)


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if sys.argv[1:] else 100_000))
