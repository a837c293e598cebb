"""Lists and searches over many timelines, each as a whole process: `python -m tests.bench.store_search [TIMELINES]`.

The baseline of the same run is `ralph --version`. Targets (measured on 10,000 timelines): list 0.19 s, a rare word
0.15 s, a word that every timeline holds 0.2 s.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.clock import stamp
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from tests.bench.serving import row
from tests.bench.store_size import WORDS
from tests.tui.play import START, Gate, Say, turn

ROUNDS = 5
RARE = "xylophone"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _name(number: int) -> str:
    letters = ""
    for _ in range(10):
        number, digit = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[digit] + letters
    return letters


async def fill(home: Path, count: int) -> None:
    """Timelines of one turn each; every answer holds the common words, one in a thousand the rare one."""
    chance = random.Random(2)
    async with workspace(Flags(), environ={"HOME": str(home), "RALPH_DATA_DIR": str(home / "data")}) as space:
        batch: list[Envelope] = []
        for number in range(count):
            name, seq, at = _name(number + 1), 1, stamp(START + timedelta(minutes=number))
            batch.append(Envelope(name, 1, 0, at, 0.0, ev.TimelineOpened(f"timeline {number}")))
            answer = " ".join(chance.choice(WORDS) for _ in range(120)) + (f" {RARE}" if number % 1000 == 0 else "")
            for ms, step in turn(1, f"question {number} about the sum", answer):
                if not isinstance(step, Say | Gate):
                    seq += 1
                    batch.append(Envelope(name, seq, 1, at, ms, step))
            if len(batch) > 2000:
                await space.store.log.append(batch)
                batch = []
        if batch:
            await space.store.log.append(batch)


def wall(home: Path, *arguments: str) -> float:
    """Milliseconds of one process."""
    environ = {"HOME": str(home), "RALPH_DATA_DIR": str(home / "data"), "PATH": os.environ["PATH"]}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "ralph", *arguments], env=environ, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print each wall and its ratio to `--version`."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asyncio.run(fill(home, count))
        runs = {
            "ralph --version": ["--version"],
            "ralph timelines": ["timelines"],
            f"ralph timelines --search {RARE}": ["timelines", "--search", RARE],
            "ralph timelines --search sum (common)": ["timelines", "--search", "sum"],
        }
        walls: dict[str, list[float]] = {name: [] for name in runs}
        for turn_number in range(ROUNDS + 1):
            for name, arguments in runs.items():
                value = wall(home, *arguments)
                if turn_number:
                    walls[name].append(value)
        base = None
        for name, values in walls.items():
            middle = row(name, values, "ms", base)
            base = base or middle


if __name__ == "__main__":
    main()
