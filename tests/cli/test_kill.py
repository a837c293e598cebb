"""SIGKILL at random moments: what was streamed is kept, the ledger equals the server's count, the timeline goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ralph.core.timeline.timeline import fold
from ralph.headless.doctor import invariants
from ralph.store.sqlite.store import SqliteStore
from tests.cli.process import command, environment, ralph
from tests.frozen import FrozenClock
from tests.wires.script import Reply
from tests.wires.server import Server

PACE = 0.005
WORDS = tuple(f"w{n:04d} " for n in range(400))
LOST_S = 0.1
TALK = ("-m", "mine:model-1", "--route", "rules", "--config", "config.yaml")


async def start(home: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command(*arguments), cwd=home, env=environment(home), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def run(home: Path, *arguments: str) -> tuple[int, str]:
    process = await start(home, *arguments)
    out, err = await process.communicate()
    return process.returncode or 0, (out or err).decode()


async def killed(home: Path, pieces: int) -> tuple[str, float]:
    """Kill after so many pieces have come out; returns what was seen a moment before, and that moment's length."""
    process = await start(home, "-p", "tell me", *TALK)
    assert process.stdout is not None
    seen = b""
    while len(seen) < pieces * len(WORDS[0]):
        piece = await process.stdout.read(4096)
        assert piece, (await process.communicate())[1].decode()
        seen += piece
    await asyncio.sleep(random.random() * 0.05)
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    return (seen + rest).decode(), LOST_S


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
async def test_killed_in_mid_stream(tmp_path: Path) -> None:
    async with Server() as server:
        entry = f'providers: {{mine: {{kind: openai_compatible, base_url: "{server.url}/v1"}}}}'
        (tmp_path / "config.yaml").write_text(entry)
        server.will(Reply(text=WORDS, usage={"input": 9, "output": 400}, pace=PACE, times=None))
        for n in range(8):
            shown, lost_s = await killed(tmp_path, random.Random(n).randint(1, 120))
            timeline = await newest(tmp_path)
            text = timeline["turns"][0]["text"]
            assert timeline["turns"][0]["status"] == "interrupted"
            assert "".join(WORDS).startswith(text)
            # A piece that was never stored was at most 100 ms old; a loaded machine may fit more of them into that.
            assert len(shown) - len(text) <= 3 * lost_s / PACE * len(WORDS[0])
            await whole(tmp_path, timeline["timeline"])
            assert attempts(tmp_path) == len(server.asked)
        server.script.clear()
        server.will(Reply(text=("Going on.",), usage={"input": 9, "output": 3}))
        code, out = await run(tmp_path, "-c", "-p", "and now?", *TALK)
        assert (code, out) == (0, "Going on.\n")
        assert "[cut short: interrupted]" in json.dumps(server.asked[-1].json)
        assert attempts(tmp_path) == len(server.asked)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_backup_that_is_killed_leaves_the_one_before(tmp_path: Path) -> None:
    backup = ("db", "backup", "copy[1].db")
    assert ralph(tmp_path, "-p", "2 + 2", "-m", "builtin:rules").returncode == 0
    assert ralph(tmp_path, *backup).returncode == 0
    kept = (tmp_path / "copy[1].db").read_bytes()
    with contextlib.closing(sqlite3.connect(tmp_path / ".local" / "share" / "ralph" / "ralph.db")) as connection:
        connection.execute("INSERT INTO blobs VALUES ('x', 100000000, zeroblob(100000000))")
        connection.commit()
    for _ in range(3):
        process = subprocess.Popen(command(*backup), cwd=tmp_path, env=environment(tmp_path))
        while not any(size(p) > 1_000_000 for p in tmp_path.glob(".copy*.part")) and process.poll() is None:
            time.sleep(0.001)
        process.kill()
        if process.wait() == -signal.SIGKILL and list(tmp_path.glob(".copy*.part")):
            break
    else:
        pytest.fail("every backup was there before it could be killed")
    assert (tmp_path / "copy[1].db").read_bytes() == kept
    assert ralph(tmp_path, *backup).returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir() if "copy" in p.name) == ["copy[1].db"]
    with contextlib.closing(sqlite3.connect(tmp_path / "copy[1].db")) as connection:
        assert connection.execute("SELECT max(length(data)) FROM blobs").fetchone() == (100_000_000,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


async def newest(home: Path) -> dict[str, Any]:
    code, out = await run(home, "show", "last", "--json")
    assert code == 0, out
    made: dict[str, Any] = json.loads(out)
    return made


async def whole(home: Path, timeline: str) -> None:
    """Nothing is running, every start has its finish, and a second recovery finds nothing to do."""
    store = await SqliteStore.open(home / ".local" / "share" / "ralph" / "ralph.db", FrozenClock())
    events = await store.log.events(timeline)
    assert await store.catalog.list_unfinished() == []
    await store.close()
    assert all(c.ok for c in invariants(events))
    (attempt,) = fold(timeline, events).turns[0].attempts
    assert (attempt.end.outcome, attempt.usage.source) == ("interrupted", "estimated")


def attempts(home: Path) -> int:
    with contextlib.closing(sqlite3.connect(home / ".local" / "share" / "ralph" / "ralph.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM attempts WHERE outcome IS NOT NULL").fetchone()
    return int(count)
