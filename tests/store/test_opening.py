"""Whose the file is, what is made in it, and what can be read where nothing can be written."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.core.errors import StoreFailure
from ralph.store.sqlite.identity import APPLICATION_ID
from ralph.store.sqlite.opening import migrations
from ralph.store.sqlite.store import SqliteStore
from tests.cli.process import ralph
from tests.frozen import FrozenClock
from tests.store.logs import envelopes, opened, turn

ID = "k3f9w2m7qd"


async def filled(path: Path) -> None:
    store = await SqliteStore.open(path, FrozenClock())
    await store.log.append(envelopes([opened(), *turn(1, "what is 1+1?", "It is two.")]))
    await store.close()


def pragma(path: Path, name: str) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@pytest.mark.parametrize("foreign", ["tables", "wal", "id", "version"])
async def test_the_database_of_another_program_is_left_as_it_is(tmp_path: Path, foreign: str) -> None:
    path = tmp_path / "ralph.db"
    other = sqlite3.connect(path)
    other.executescript("CREATE TABLE events (what TEXT); INSERT INTO events VALUES ('mine');")
    other.executescript({
        "tables": "", "wal": "PRAGMA journal_mode=WAL; INSERT INTO events VALUES ('more');",
        "id": "PRAGMA application_id=7;", "version": f"PRAGMA user_version={migrations()[-1][0]};",
    }[foreign])  # fmt: skip
    if foreign == "wal":  # as a program that died leaves it
        for beside in ("ralph.db", "ralph.db-wal"):
            shutil.copyfile(tmp_path / beside, tmp_path / f"{beside}.kept")
        other.close()
        for beside in ("ralph.db", "ralph.db-wal"):
            (tmp_path / f"{beside}.kept").replace(tmp_path / beside)
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreFailure, match="another program"):
        await SqliteStore.open(path, FrozenClock())
    assert path.read_bytes() == before


async def test_a_database_without_an_id_is_known_by_its_tables_and_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "ralph.db"
    with contextlib.closing(sqlite3.connect(path)) as old:
        for number, sql in migrations()[:4]:
            old.executescript(f"{sql}\nPRAGMA user_version={number};")
        columns = "timeline, attempt, block, turn, role, started_at, day, provider, model, saved, outcome, nano_usd"
        old.execute("INSERT INTO timelines VALUES ('aaaaaaaaaa', '', NULL, 0, 0, '', '')")
        old.execute(
            "INSERT INTO events VALUES ('aaaaaaaaaa', 1, 1, '', 0, 'attempt.started', 1, '{\"attempt\": \"1.2a1\"}')"
        )
        for attempt, saved in (("1.2a1", 0), ("1.3a1", 0), ("1.4a1", 1)):
            row = ("aaaaaaaaaa", attempt, "1.2", 1, "format", "2026", "2026-01-01", "p", "m", saved, "ok", 5)
            old.execute(f"INSERT INTO attempts ({columns}) VALUES ({', '.join('?' * 12)})", row)
        old.commit()
    store = await SqliteStore.open(path, FrozenClock())
    await store.close()
    assert pragma(path, "application_id") == APPLICATION_ID
    with contextlib.closing(sqlite3.connect(path)) as now:
        rows = now.execute("SELECT attempt, run, saved, nano_usd FROM attempts ORDER BY attempt").fetchall()
    # The first one was written over by a saved attempt, of which the log tells.
    assert rows == [("1.2a1", "", 1, 5), ("1.3a1", "before", 0, 5), ("1.4a1", "", 1, 5)]
    assert pragma(tmp_path / "ralph.before-5.db", "user_version") == 4


async def test_an_empty_file_becomes_a_database_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ralph.db"
    path.touch()
    for told in (True, False):
        store = await SqliteStore.open(path, FrozenClock())
        assert bool(store.notices) is told
        await store.close()
    fresh = await SqliteStore.open(tmp_path / "new.db", FrozenClock())
    assert fresh.notices == ()
    await fresh.close()


async def test_a_copy_that_fails_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(tmp_path / "ralph.db")
    target, left = tmp_path / "copy.db", tmp_path / ".copy.db.0a0a0a0a.part"
    target.write_bytes(b"the copy of yesterday")
    left.write_bytes(b"half of a copy, left by a killed process")
    store = await SqliteStore.open(tmp_path / "ralph.db", FrozenClock())
    with monkeypatch.context() as patch:

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreFailure, match="No space left"):
            await store.backup(target)
    assert target.read_bytes() == b"the copy of yesterday"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".copy")]
    await store.backup(target)
    assert pragma(target, "application_id") == APPLICATION_ID
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert set(os.listdir(tmp_path)) == {"copy.db", "locks", "ralph.db", "ralph.db-shm", "ralph.db-wal"}
    for wrong in (tmp_path / "ralph.db", tmp_path / "locks"):
        with pytest.raises(StoreFailure):
            await store.backup(wrong)
    await store.close()


async def test_what_is_written_to_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ralph.db"
    store = await SqliteStore.open(path, FrozenClock())
    shutil.rmtree(path.parent)
    with pytest.raises(StoreFailure, match="removed or replaced"):
        await store.log.append(envelopes([opened()]))
    await store.close()


@contextlib.contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small disk of its own, where this process may make one."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(mount, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr!r}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


DYING = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("UPDATE timelines SET title = 'only in the WAL'")
connection.commit()
os._exit(9)
"""
READING = (("show", "last"), ("timelines",), ("usage",), ("replay", "last", "--speed", "max"), ("doctor", "last"))


@pytest.mark.parametrize("died", [False, True], ids=["closed", "killed"])
def test_what_can_only_be_read_is_read(tmp_path: Path, died: bool) -> None:
    """Also what only the WAL of a killed process holds."""
    with disk(tmp_path / "data", "8m") as data:
        env = {"RALPH_DATA_DIR": str(data)}
        assert ralph(tmp_path, "-p", "1+1", env=env).returncode == 0
        if died:
            subprocess.run([sys.executable, "-c", DYING, str(data / "ralph.db")], check=False)
            assert (data / "ralph.db-wal").stat().st_size
            (data / "ralph.db-shm").unlink()
        subprocess.run(["mount", "-o", "remount,ro", data], check=True)
        for verb in READING:
            done = ralph(tmp_path, *verb, env=env)
            assert (done.returncode, done.stderr.count("can only be read")) == (0, 1), (verb, done.stderr)
        assert ("only in the WAL" in ralph(tmp_path, "timelines", env=env).stdout) is died
        asked = ralph(tmp_path, "-p", "2+2", "--no-save", env=env)
        assert (asked.returncode, asked.stdout.strip()) == (0, "2 + 2 is 4."), asked.stderr
        for verb in (("-p", "2+2"), ("fork", "last"), ("delete", "last"), ("doctor", "--rebuild")):
            done = ralph(tmp_path, *verb, env=env)
            assert done.returncode == 1
            assert "can only be read" in done.stderr
            assert "Traceback" not in done.stderr


def test_a_full_disk_is_one_sentence_and_what_is_there_can_be_read(tmp_path: Path) -> None:
    with disk(tmp_path / "data", "1m") as data:
        env = {"RALPH_DATA_DIR": str(data), "XDG_STATE_HOME": str(data / "state"), "RALPH_LLM_DEBUG": "1"}
        assert ralph(tmp_path, "-p", "1+1", env=env).returncode == 0
        with contextlib.suppress(OSError), (data / "fill").open("wb", buffering=0) as fill:
            while fill.write(b"x" * 1024):
                pass
        asked = ralph(tmp_path, "-p", "2+2", "--output", "json", env=env)
        assert asked.returncode == 1
        assert '"kind":"store"' in asked.stdout
        for verb in (("db", "backup", str(data / "copy.db")), ("fork", "last"), ("delete", "last")):
            done = ralph(tmp_path, *verb, env=env)
            assert done.returncode == 1
            assert "the disk is full" in done.stderr
            assert "Traceback" not in done.stderr
        for verb in (("show", "last"), ("timelines",)):
            done = ralph(tmp_path, *verb, env=env)
            assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        assert not [p.name for p in data.iterdir() if "copy" in p.name]
