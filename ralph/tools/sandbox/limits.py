"""How much a program may use."""

from __future__ import annotations

import os
import sys

from ralph.core.data import Data, frozen

GIB = 1 << 30


def _half_of_memory() -> int:
    """Return half of the machine's memory in bytes, at least 2 GiB."""
    if sys.platform != "linux":
        return 2 * GIB  # no limit is set there
    return max(2 * GIB, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)


@frozen
class Limits(Data):
    """The limits of one program. Those of the kernel hold for each of its processes."""

    cpu_s: int = 600
    """Seconds of CPU of each process: as long as the longest call, so that only a program of many threads meets it."""
    memory: int = _half_of_memory()
    """Bytes of private memory of each process: half of the machine, so that one program does not push out the rest."""
    address_space: int = 128 * GIB
    """Bytes of address space of each process. Runtimes reserve far more than they use: 8 GiB for each WebAssembly
    memory in Node."""
    file_bytes: int = GIB
    """Bytes of one file: what a build or a test writes is smaller, and what fills a disk is larger."""
    processes: int = 512
    """Processes and threads of the whole program: `make -j` and a test run in parallel need some tens."""
