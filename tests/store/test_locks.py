"""A lock that the kernel frees at any death of its holder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ralph.core.errors import StoreFailure
from ralph.store.locks import Locks

HOLD = """
import sys
from pathlib import Path
from ralph.store.locks import Locks
lock = Locks(Path(sys.argv[1])).take("k3f9w2m7qd")
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    first = locks.take("a")
    assert first is not None
    assert locks.take("a") is None
    assert locks.is_held("a")
    first.release()
    first.release()
    assert not locks.is_held("a")
    second = locks.take("a")
    assert second is not None
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_frees_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "held"
    assert Locks(tmp_path).take("k3f9w2m7qd") is None
    holder.kill()
    holder.communicate()
    lock = Locks(tmp_path).take("k3f9w2m7qd")
    assert lock is not None
    lock.release()


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("in the way")
    with pytest.raises(StoreFailure, match=r"could not be made: .*; check the directory, or set RALPH_DATA_DIR"):
        Locks(tmp_path / "locks").take("a")


def test_a_lock_that_cannot_be_opened_is_held_by_nobody(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert not Locks(tmp_path).is_held("a")
