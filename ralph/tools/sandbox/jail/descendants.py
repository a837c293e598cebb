"""The processes that come from this one: counted, and ended to the last."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

assert sys.platform == "linux"  # noqa: S101 - it reads /proc

# Seconds to wait until the ended processes are gone; they are, unless the kernel itself waits for a disk.
_GONE_S = 5.0


def count_all() -> int:
    """Return how many threads the machine has; cheap, so that it can be read often."""
    return int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[2])


def count_of_user(user: int) -> int:
    """Return how many threads a user has."""
    found = 0
    for entry in _processes():
        with contextlib.suppress(OSError, ValueError):
            if Path(entry).stat().st_uid == user:
                found += int(_stat(entry)[17])
    return found


def find() -> dict[int, int]:
    """Return all descendants, the nearest first, each with its process group; zombies are left out."""
    parents: dict[int, int] = {}
    groups: dict[int, int] = {}
    for entry in _processes():
        with contextlib.suppress(OSError, ValueError):
            fields = _stat(entry)
            if fields[0] not in "ZX":
                parents[int(entry.name)], groups[int(entry.name)] = int(fields[1]), int(fields[2])
    known = {os.getpid()}
    found: list[int] = []
    while more := [child for child, parent in parents.items() if parent in known and child not in known]:
        found += more
        known.update(more)
    return {one: groups[one] for one in found}


def end_all() -> None:
    """Kill all descendants, also those that left their session: orphans come back to this process.

    A group is killed as one, so that no member forks in between.
    """
    until, own = time.monotonic() + _GONE_S, os.getpgrp()
    while time.monotonic() < until:
        found = find()
        for group in dict.fromkeys(found.values()):
            if group != own:
                with contextlib.suppress(OSError):
                    os.killpg(group, signal.SIGKILL)
        for one in found:
            with contextlib.suppress(OSError):
                os.kill(one, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _processes() -> list[os.DirEntry[str]]:
    with os.scandir("/proc") as entries:
        return [e for e in entries if e.name.isdigit()]


def _stat(entry: os.DirEntry[str]) -> list[str]:
    """Return the fields of a process from its state on; the name before them may hold anything."""
    return Path(entry, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
