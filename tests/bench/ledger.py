"""Sequences of commands against a server that bills: `python -m tests.bench.ledger [COUNT] [KILLED]`.

COUNT sequences (1,000) in this process, and KILLED (30) in which processes are killed; each must leave a ledger that
equals the server's count and bill.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.headless.sequences import play


async def measure(count: int, killed: int) -> None:
    began, commands, asked = time.perf_counter(), 0, 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for seed in range(count + killed):
            billed = await play(Path(folder) / str(seed), 10_000 + seed, kills=seed >= count)
            commands, asked = commands + len(billed.done), asked + len(billed.server.asked)
            if seed % 50 == 49:
                print(f"{seed + 1} sequences, {commands} commands, {asked} requests", flush=True)
    took = time.perf_counter() - began
    kinds = f"{count} sequences and {killed} with kills"
    print(f"{kinds}: {commands} commands, {asked} requests, no difference; {took:.0f} s")


if __name__ == "__main__":
    logging.disable()
    given = [int(a) for a in sys.argv[1:]]
    asyncio.run(measure(*(given + [1000, 30][len(given) :])))
