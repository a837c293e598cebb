"""Bytes of the database beside the bytes of the text in it: `python -m tests.bench.store_size [TIMELINES] [TURNS]`.

Conversations are played in real time by the scripted provider, many at once, as a person would have them: a route, a
tool call in every fourth turn, an answer of 300 to 3,000 characters at about 60 tokens a second. Printed are the
bytes of each table and index, of each type of event, and the ratio. Target (DESIGN.md, section 11): 8 times the text.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sqlite3
import sys
import tempfile
from pathlib import Path

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.ports.user_input import UserInput

TEXT = (
    "the ledger of a day adds up when every request has a row of its own and nothing that was sent is left out so the"
    " sum of a month equals the sum of its days while a failed attempt still costs what the provider says that it cost"
)
WORDS = TEXT.split()
ROUTE = {"tools": [], "rounds": 0, "intent": "question", "difficulty": "low", "reason": "a question about the ledger"}
CALL = {**ROUTE, "tools": ["calculate"], "rounds": 1, "intent": "compute", "reason": "a sum"}


def script(chance: random.Random) -> list[dict[str, object]]:
    """One of four questions needs a tool; answers differ in length."""
    lines: list[dict[str, object]] = [
        {"role": "route", "match": "sum", "text": json.dumps(CALL)},
        {"role": "route", "text": json.dumps(ROUTE)},
        {"role": "tool", "calls": [{"name": "calculate", "arguments": {"expression": "2340*0.17"}}]},
    ]
    for size in (300, 700, 700, 1200, 3000):
        words = " ".join(chance.choice(WORDS) for _ in range(size // 5))
        lines.append({"role": "format", "text": words, "piece_ms": 66, "piece_characters": 16, "first_token_ms": 300})
    return lines


async def fill(home: Path, timelines: int, turns: int) -> None:
    """Play the conversations, all at the same time."""
    chance = random.Random(1)
    (home / "script.json").write_text(json.dumps(script(chance)))
    environ = {"HOME": str(home), "RALPH_DATA_DIR": str(home / "data")}
    flags = Flags(model=f"scripted:{home / 'script.json'}", route=f"scripted:{home / 'script.json'}")
    async with workspace(flags, environ=environ, root=home) as space:

        async def one() -> None:
            session = await space.timelines.open()
            for number in range(turns):
                kind = "What is the sum of" if number % 4 == 3 else "Tell me about"
                words = " ".join(chance.choice(WORDS) for _ in range(12))
                await session.submit(UserInput(f"{kind} {words}?"))
            await session.close()

        await asyncio.gather(*(one() for _ in range(timelines)))


def report(path: Path) -> None:
    """Print who holds the bytes."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (text,) = db.execute(
            "SELECT (SELECT sum(length(CAST(prompt AS BLOB))) FROM turns) +"
            " (SELECT sum(length(CAST(text AS BLOB))) FROM blocks WHERE kind <> 'user')"
        ).fetchone()
        for kind, count, size in db.execute(
            "SELECT type, count(*), sum(length(CAST(data AS BLOB))) FROM events GROUP BY type ORDER BY 3 DESC"
        ):
            print(f"  event {kind:26} {count:7} {size:10,} B  {size / text:6.2f}x")
        for name, size in db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"):
            print(f"  {name:32} {size:12,} B  {size / text:6.2f}x")
    print(f"text {text:,} B, database {path.stat().st_size:,} B: {path.stat().st_size / text:.2f} times, target 8")


def main() -> None:
    """Fill a database and print its account."""
    timelines, turns = (int(value) for value in (*sys.argv[1:3], *("20", "6")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fill(Path(folder), timelines, turns))
        report(Path(folder) / "data" / "ralph.db")


if __name__ == "__main__":
    main()
