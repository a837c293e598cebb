"""The account of a long ledger as a whole process, beside a plain sum: `python -m tests.bench.usage [COUNT …]`.

Turns have a routed and a guessed request each, one in ten a tool round, one in fifty a failure and its second try. The
10,000 timelines lie in one year. The baseline is a process that groups all attempts with SQL. Target: `usage` and
`usage --by timeline` in at most 0.25 s at 40,000 attempts, and memory that does not grow with the attempts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ralph.store.sqlite.store import SqliteStore
from tests.bench.serving import row
from tests.frozen import FrozenClock

ROUNDS = 5
TIMELINES = 10_000
COUNTS = (40_000, 1_000_000)
LIMIT_S = 0.25
_NAMES = (
    "timeline, attempt, block, turn, role, started_at, day, provider, model, outcome, speculated, input, output,"
    " usage_source, nano_usd, cost_status, price, ttft_ms, duration_ms, phases, raw_usage"
)
PRICE = '{"source":"table","version":"2026-11-01","matched":"m","input":"3","cache_read":"0.3","output":"15"}'
RAW = '{"input_tokens":1234,"output_tokens":321,"cache_read_input_tokens":0,"service_tier":"standard"}'
BARE = """\
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
figures = "sum(input), sum(output), sum(nano_usd), count(*), max(ttft_ms), sum(duration_ms)"
print(len(database.execute(f"SELECT {sys.argv[2]}, {figures} FROM attempts GROUP BY 1").fetchall()))
"""


def turn(chance: random.Random, timeline: str, number: int, day: str) -> Iterator[tuple[Any, ...]]:
    """The ledger's rows of one turn."""

    def attempt(step: int, name: int, role: str, outcome: str, guess: bool = False) -> tuple[Any, ...]:
        block = f"{number}.{step}"
        nano = chance.randint(1, 10**7)
        ttft = round(chance.uniform(50, 900), 3)
        took = round(ttft + chance.uniform(200, 8000), 3)
        where = (timeline, f"{block}a{name}", block, number, role, f"{day}T12:00:{name:02}.{number:06}Z", day)
        used = (chance.randint(1, 9000), chance.randint(1, 900), "reported", nano, "computed", PRICE)
        held = '{"queued":0.1,"headers":40.5,"held":310.25}' if guess else '{"queued":0.1,"headers":40.5}'
        return (*where, "mine", f"m{number % 7}", outcome, int(guess), *used, ttft, took, held, RAW)

    yield attempt(2, 1, "route", "ok")
    if chance.random() < 0.1:
        yield attempt(4, 1, "format", "discarded", guess=True)
        yield attempt(3, 1, "tool", "ok")
        yield attempt(4, 2, "format", "ok")
    elif chance.random() < 0.02:
        yield attempt(4, 1, "format", "failed", guess=True)
        yield attempt(4, 2, "format", "ok")
    else:
        yield attempt(4, 1, "format", "ok", guess=True)


def fill(path: Path, count: int) -> None:
    """Write so many attempts with their turns and blocks; the sums follow by their triggers."""
    chance = random.Random(1)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous=OFF")
        made = number = 0
        while made < count:
            number += 1
            for place in range(TIMELINES):
                if made >= count:
                    break
                day = f"2026-{place % 12 + 1:02}-{place // 12 % 28 + 1:02}"
                name = f"t{place:09d}"
                rows = list(turn(chance, name, number, day))
                used = "ok" if any(one[4] == "tool" for one in rows) else "skipped"
                database.executemany(f"INSERT INTO attempts ({_NAMES}) VALUES ({', '.join('?' * len(rows[0]))})", rows)
                database.executemany(
                    "INSERT INTO blocks (timeline, block, turn, at, kind, status) VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (name, f"{number}.{step}", number, day, kind, status)
                        for step, kind, status in ((2, "route", "ok"), (3, "tool", used), (4, "format", "ok"))
                    ],
                )
                database.execute("INSERT INTO turns VALUES (?, ?, ?, 'words', 'ok', 900)", (name, number, day))
                made += len(rows)
        database.commit()


def spent(command: list[str], home: Path) -> tuple[float, float]:
    """Milliseconds and peak memory in MB of one process."""
    environ = {"HOME": str(home), "RALPH_DATA_DIR": str(home), "PATH": os.environ["PATH"]}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert not process.returncode
    return took * 1000, used.ru_maxrss / 1024


def measure(count: int, rounds: int = ROUNDS) -> None:
    """Print wall and memory of each command at this many attempts."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path = home / "ralph.db"

        async def make() -> None:
            await (await SqliteStore.open(path, FrozenClock())).close()

        asyncio.run(make())
        began = time.perf_counter()
        fill(path, count)
        print(f"{count} attempts: written in {time.perf_counter() - began:.1f} s")
        for by in ("day", "timeline"):
            commands = {
                "grouped by SQL": [sys.executable, "-c", BARE, str(path), by],
                "ralph usage": [sys.executable, "-m", "ralph", "usage", "--by", by],
                "ralph usage --json": [sys.executable, "-m", "ralph", "usage", "--by", by, "--json"],
            }
            found = {name: [spent(command, home) for _ in range(rounds + 1)][1:] for name, command in commands.items()}
            base = memory = None
            for name, values in found.items():
                target = f"target {LIMIT_S * 1000:.0f} ms" if base and count <= COUNTS[0] and "json" not in name else ""
                middle = row(f"{count} by {by}: {name}", [v[0] for v in values], "ms", base, target)
                most = row(f"{count} by {by}: {name}, memory", [v[1] for v in values], "MB", memory)
                base, memory = base or middle, memory or most


if __name__ == "__main__":
    for given in [int(one) for one in sys.argv[1:]] or COUNTS:
        measure(given)
